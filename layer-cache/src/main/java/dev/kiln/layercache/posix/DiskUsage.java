package dev.kiln.layercache.posix;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * What a tree takes on the disk: sizes rounded up to blocks, hard links once, holes counted as if they were filled. Others
 * may be changing the tree; what goes away meanwhile counts for nothing.
 */
public final class DiskUsage {
    private static final long BLOCK = 4096;
    private final Set<FileStat.FileId> linked = new HashSet<>();
    private long bytes;

    public static long of(RawPath directory) throws IOException {
        DiskUsage usage = new DiskUsage();
        usage.walk(directory);
        return usage.bytes;
    }

    private void walk(RawPath top) throws IOException {
        Deque<RawPath> directories = new ArrayDeque<>();
        directories.push(top);
        bytes += BLOCK;
        while (!directories.isEmpty()) {
            RawPath directory = directories.pop();
            try {
                for (DirEntry entry : Posix.list(directory)) {
                    RawPath path = directory.resolve(entry.name());
                    Posix.lstatIfExists(path).ifPresent(this::add);
                    if (entry.type() == FileType.DIRECTORY) {
                        directories.push(path);
                    }
                }
            } catch (PosixException e) {
                // Names too deep for a path: what is below counts for nothing, which is better than no answer at all.
                if (e.errno() != Errno.ENAMETOOLONG && !e.isMissing()) {
                    throw e;
                }
            }
        }
    }

    private void add(FileStat stat) {
        boolean counts = stat.type() == FileType.REGULAR || stat.type() == FileType.DIRECTORY;
        if (counts && (stat.isDirectory() || stat.links() == 1 || linked.add(stat.id()))) {
            bytes += (stat.size() + BLOCK - 1) / BLOCK * BLOCK;
        }
    }
}
