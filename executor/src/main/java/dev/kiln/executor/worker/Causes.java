package dev.kiln.executor.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.exporter.ExportException;
import dev.kiln.executor.frontend.FrontendException;
import dev.kiln.executor.op.LayerGone;
import dev.kiln.executor.remote.FetchException;
import dev.kiln.executor.runtime.RuntimeFailure;
import dev.kiln.executor.snapshot.SnapshotException;
import dev.kiln.executor.source.ContextException;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.registry.RegistryException;

/** What a failure came of, as far as the rest of a build depends on it. */
final class Causes {
    /** The system's words for ENOSPC and EDQUOT, which the JDK's own exceptions carry in their messages alone. */
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");
    private static final int MAX_CAUSES = 200;

    private Causes() {}

    /** True when a full disk is among the causes. */
    static boolean hasFullDisk(Throwable failure) {
        return all(failure).stream().anyMatch(Causes::saysFull);
    }

    private static boolean saysFull(Throwable failure) {
        return switch (failure) {
            case ContentException content -> content.code() == ContentException.Code.NO_SPACE;
            case PosixException posix -> posix.errno() == Errno.ENOSPC || posix.errno() == Errno.EDQUOT;
            case java.io.IOException io -> FULL.stream().anyMatch(String.valueOf(io.getMessage())::contains);
            default -> false;
        };
    }

    /**
     * True when content of this executor turned out to be damaged, or a layer that the farm promised is not there. Nobody
     * counts on it any more by then, so another try makes or fetches it again.
     */
    static boolean hasDamage(Throwable failure) {
        return all(failure).stream()
            .anyMatch(cause -> cause instanceof LayerGone || cause instanceof ContentException content
                    && content.code() == ContentException.Code.DIGEST_MISMATCH);
    }

    /** Whether the cause lies around the build and may be gone at another time or on another executor. */
    static boolean mayPass(BuildFailed failure) {
        return switch (failure.reason()) {
            case INVALID, STEP_FAILED, TIMEOUT, ATTEMPTS_EXHAUSTED -> false;
            case NO_SPACE -> true;
            case INTERNAL -> retryable(failure).orElse(true);
            case CONTEXT, BASE_IMAGE, PUSH -> retryable(failure).orElse(false);
        };
    }

    /** What the outermost of the causes that know says. */
    private static Optional<Boolean> retryable(Throwable failure) {
        return all(failure).stream().flatMap(cause -> (switch (cause) {
            case FrontendException e -> Optional.of(e.retryable());
            case ContextException e -> Optional.of(e.retryable());
            case ExportException e -> Optional.of(e.retryable());
            case RegistryException e -> Optional.of(e.retryable());
            case SnapshotException e -> Optional.of(e.retryable());
            case RuntimeFailure e -> Optional.of(e.retryable());
            case FetchException e -> Optional.of(e.retryable());
            default -> Optional.<Boolean>empty();
        }).stream()).findFirst();
    }

    private static List<Throwable> all(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> all = new ArrayList<>();
        Deque<Throwable> open = new ArrayDeque<>(List.of(failure));
        for (Throwable next = open.poll(); next != null && all.size() < MAX_CAUSES; next = open.poll()) {
            if (!seen.add(next)) {
                continue;
            }
            all.add(next);
            @Nullable
            Throwable cause = next.getCause();
            if (cause != null) {
                open.add(cause);
            }
            open.addAll(List.of(next.getSuppressed()));
        }
        return all;
    }
}
