package dev.kiln.api.builds;

import java.util.Locale;

import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.event.BuildEvent;

/** How far a build is. */
enum BuildState {
    QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED;

    static BuildState of(BuildRecord record) {
        if (record.outcome().isEmpty()) {
            return record.started().isPresent() ? RUNNING : QUEUED;
        }
        return switch (record.outcome().get()) {
            case BuildEvent.Succeeded _ -> SUCCEEDED;
            case BuildEvent.Failed _ -> FAILED;
            case BuildEvent.Cancelled _ -> CANCELLED;
        };
    }

    /** Reads the word of a state; throws {@link IllegalArgumentException} when it is none. */
    static BuildState parse(String word) {
        for (BuildState state : values()) {
            if (state.word().equals(word)) {
                return state;
            }
        }
        throw new IllegalArgumentException("expected queued, running, succeeded, failed or cancelled");
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
