package dev.kiln.layercache.registry;

import java.io.IOException;
import java.time.Duration;

import dev.kiln.layercache.content.ContentException;

/** The tries of one transfer. Each that brings it forward starts the count anew; in all they are bounded. For one thread. */
final class Tries {
    /** How many times as many as without progress. */
    private static final int WITH_PROGRESS = 20;

    private final RetryPolicy policy;
    private int sinceProgress = 1;
    private int all = 1;
    /** Blobs that came whole and were wrong: getting that far is no progress. */
    private int damaged;

    Tries(RetryPolicy policy) {
        this.policy = policy;
    }

    /** The try under way brought the transfer forward. */
    void progress() {
        sinceProgress = 1;
    }

    /**
     * Returns when it is time for the next try.
     *
     * @throws IOException the failure, when there is to be none
     */
    void failed(IOException failure) throws IOException, InterruptedException {
        if (failure instanceof ContentException && ++damaged >= policy.attempts()) {
            throw failure;
        }
        if (!worthAnother(failure) || sinceProgress >= policy.attempts()
                || all >= policy.attempts() * WITH_PROGRESS) {
            throw failure;
        }
        Duration asked = failure instanceof RegistryException e ? e.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
        if (asked.compareTo(policy.longest()) > 0) {
            throw failure;
        }
        policy.sleeper().sleep(policy.pause(sinceProgress, asked));
        sinceProgress++;
        all++;
    }

    private static boolean worthAnother(IOException failure) {
        return switch (failure) {
            case RegistryException e -> e.retryable();
            // Bytes damaged on the way: another try may bring the right ones.
            case ContentException e -> e.code() == ContentException.Code.DIGEST_MISMATCH
                    || e.code() == ContentException.Code.SIZE_MISMATCH;
            default -> false;
        };
    }
}
