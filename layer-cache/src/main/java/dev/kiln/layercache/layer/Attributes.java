package dev.kiln.layercache.layer;

import java.time.Instant;
import java.util.Map;

import dev.kiln.layercache.posix.FileStat.Owner;

/**
 * What a tar entry says of a file beside its content.
 *
 * @param mode permission bits, at most 07777
 * @param xattrs extended attributes; the values are not copied and nobody writes to them
 */
public record Attributes(int mode, Owner owner, Instant modified, Map<String, byte[]> xattrs) {

    public Attributes {
        if ((mode & ~07777) != 0) {
            throw new IllegalArgumentException("not permission bits: " + Integer.toOctalString(mode));
        }
        xattrs = Map.copyOf(xattrs);
    }
}
