package dev.kiln.queue.upkeep;

import java.time.Instant;
import java.util.List;

/** What travels between API and executors about disks. */
public sealed interface UpkeepMessage {

    /**
     * There is an executor of that name.
     *
     * @param leaving that it stops now
     * @param slots builds at a time that it takes
     * @param platforms what it builds for, in words such as {@code linux/arm64}
     */
    record Presence(String executor, Instant at, boolean leaving, int slots, List<String> platforms)
            implements
                UpkeepMessage {
        /** More than any processor can emulate. */
        public static final int MAX_PLATFORMS = 100;

        public Presence {
            platforms = List.copyOf(platforms);
            if (slots < 0 || platforms.size() > MAX_PLATFORMS) {
                throw new IllegalArgumentException("no slots below 0, and at most " + MAX_PLATFORMS + " platforms");
            }
        }
    }

    /** @param id tells this question from all others */
    record Question(String id, Wish wish) implements UpkeepMessage {}

    /**
     * A part of an executor's answer.
     *
     * @param last that no more parts come
     * @param records what is there, or what went
     * @param problems what could not be done, in words
     */
    record Answer(String question, String executor, boolean last, List<UsageRecord> records, List<String> problems)
            implements
                UpkeepMessage {
        /** A record of the queue holds that many easily. */
        public static final int MAX_RECORDS = 2_000;
        public static final int MAX_PROBLEMS = 100;

        public Answer {
            records = List.copyOf(records);
            problems = List.copyOf(problems);
            if (records.size() > MAX_RECORDS || problems.size() > MAX_PROBLEMS) {
                throw new IllegalArgumentException("at most " + MAX_RECORDS + " records and " + MAX_PROBLEMS
                        + " problems in one answer");
            }
        }
    }
}
