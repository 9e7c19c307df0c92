package dev.kiln.executor.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.PosixException;

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
     * True when content of this executor turned out to be damaged. It is gone by then, so another try makes or fetches it
     * again.
     */
    static boolean hasDamage(Throwable failure) {
        return all(failure).stream()
            .anyMatch(cause -> cause instanceof ContentException content
                    && content.code() == ContentException.Code.DIGEST_MISMATCH);
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
