package dev.kiln.queue.job;

import java.util.Locale;

/** Which builds of one tenant go first. Between tenants it says nothing. */
public enum Priority {
    HIGH, NORMAL, LOW;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads {@link #word}; throws {@link IllegalArgumentException} when it is none. */
    public static Priority parse(String word) {
        for (Priority priority : values()) {
            if (priority.word().equals(word)) {
                return priority;
            }
        }
        throw new IllegalArgumentException("expected high, normal or low");
    }
}
