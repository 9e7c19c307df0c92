package dev.kiln.layercache.posix;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a file or a tree takes on the disk: the blocks that the filesystem gave it, hard links once. What is mounted inside is
 * another filesystem's and does not count. Others may be changing the tree; what goes away meanwhile counts for nothing.
 */
public final class DiskUsage {
    private final Predicate<RawPath> counts;
    private final Set<FileStat.FileId> linked = new HashSet<>();
    private long bytes;

    private DiskUsage(Predicate<RawPath> counts) {
        this.counts = counts;
    }

    /** Bytes of the tree, its root included; 0 when there is nothing. */
    public static long of(RawPath tree) throws IOException {
        return of(tree, _ -> true);
    }

    /** @param counts false for what is to be left out, with all that is in it */
    public static long of(RawPath tree, Predicate<RawPath> counts) throws IOException {
        DiskUsage usage = new DiskUsage(counts);
        Optional<FileStat> top = Posix.lstatIfExists(tree);
        if (top.isPresent() && counts.test(tree)) {
            usage.add(top.get());
            if (top.get().isDirectory()) {
                usage.walk(tree, top.get().id().filesystem());
            }
        }
        return usage.bytes;
    }

    private void walk(RawPath top, long filesystem) throws IOException {
        Deque<RawPath> directories = new ArrayDeque<>();
        directories.push(top);
        while (!directories.isEmpty()) {
            RawPath directory = directories.pop();
            try {
                for (DirEntry entry : Posix.list(directory)) {
                    RawPath path = directory.resolve(entry.name());
                    Optional<FileStat> stat = counts.test(path) ? Posix.lstatIfExists(path) : Optional.empty();
                    if (stat.isEmpty() || stat.get().id().filesystem() != filesystem) {
                        continue;
                    }
                    add(stat.get());
                    if (stat.get().isDirectory()) {
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
        if (stat.isDirectory() || stat.links() == 1 || linked.add(stat.id())) {
            bytes += stat.space().disk();
        }
    }
}
