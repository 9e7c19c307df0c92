package dev.kiln.executor.remote;

import java.time.Duration;

/** When a fetch must have ended. */
record Deadline(long nanos) {

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    boolean isPassed() {
        return System.nanoTime() - nanos >= 0;
    }

    FetchException exceeded(String what) {
        return new FetchException(FetchException.Code.TOO_LARGE, what + " took longer than this executor allows");
    }
}
