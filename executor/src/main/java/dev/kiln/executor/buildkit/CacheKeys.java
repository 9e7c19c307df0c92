package dev.kiln.executor.buildkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import dev.kiln.layercache.oci.Digest;

/** How digests are put together. */
public final class CacheKeys {
    static final Comparator<String> BY_BYTES = Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8),
            Arrays::compareUnsigned);

    private CacheKeys() {}

    static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What a source is called by the key that it gives itself. */
    static Digest source(String key) {
        return digest("buildkit.source.v0:" + key);
    }

    /** The digest of a record for a node's first and only output. */
    public static Digest record(Digest node) {
        return digest(node + "@0");
    }

    /** The digest of a record that stands for files. */
    public static Digest contentRecord(Digest content) {
        return digest(content + "@-1");
    }

    /** The digest of what several selectors take, given that of each. */
    public static Digest content(List<Digest> parts) {
        return digest(String.join("\0", parts.stream().map(Digest::toString).toList()));
    }

    /** Paths without those that lie below another, in order. */
    static List<String> topmost(Collection<String> paths) {
        return paths.stream()
            .distinct()
            .filter(path -> paths.stream().noneMatch(other -> !other.equals(path) && path.startsWith(withSlash(other))))
            .sorted(BY_BYTES)
            .toList();
    }

    private static String withSlash(String path) {
        return path.endsWith("/") ? path : path + "/";
    }
}
