package dev.kiln.executor.worker;

import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.BuildEvent;

/** A build that ends badly; the message is for the person who asked for it. */
final class BuildFailed extends Exception {
    private final BuildEvent.Reason reason;
    private final String message;
    private final Optional<Digest> vertex;
    private final Optional<Integer> exitCode;

    BuildFailed(BuildEvent.Reason reason, String message, @Nullable Throwable cause) {
        this(reason, message, Optional.empty(), Optional.empty(), cause);
    }

    BuildFailed(BuildEvent.Reason reason, String message, Optional<Digest> vertex, Optional<Integer> exitCode,
            @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.message = message;
        this.vertex = vertex;
        this.exitCode = exitCode;
    }

    String message() {
        return message;
    }

    BuildEvent.Reason reason() {
        return reason;
    }

    Optional<Digest> vertex() {
        return vertex;
    }

    Optional<Integer> exitCode() {
        return exitCode;
    }
}
