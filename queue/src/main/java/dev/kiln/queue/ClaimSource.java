package dev.kiln.queue;

import java.time.Duration;
import java.util.Optional;

/** An executor's slot: takes the next build when the last is done. Used by one thread; closing gives back a held claim. */
public interface ClaimSource extends AutoCloseable {

    /** Waits at most {@code patience} for a build. The claim before must be ended. */
    Optional<Claim> take(Duration patience) throws QueueException;

    @Override
    void close();
}
