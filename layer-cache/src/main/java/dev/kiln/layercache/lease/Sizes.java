package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.RawPath;

/** Sizes of trees that change seldom, so that not every look walks through all of them. Safe for many threads. */
public final class Sizes {
    private final Map<String, Measured> known = new ConcurrentHashMap<>();

    private record Measured(Object version, long bytes) {}

    /**
     * What the tree takes on the disk.
     *
     * @param version equal as long as the tree is the same
     */
    public long of(String id, Object version, Path tree) throws IOException {
        Measured before = known.get(id);
        if (before != null && before.version.equals(version)) {
            return before.bytes;
        }
        long bytes = DiskUsage.of(RawPath.of(tree));
        known.put(id, new Measured(version, bytes));
        return bytes;
    }

    /** Forgets all but these. */
    public void retain(Set<String> ids) {
        known.keySet().retainAll(ids);
    }
}
