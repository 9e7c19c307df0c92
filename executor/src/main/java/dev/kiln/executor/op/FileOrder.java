package dev.kiln.executor.op;

import java.util.Comparator;
import java.util.List;

import dev.kiln.layercache.posix.DirEntry;

/** The order in which directories are walked: by the bytes of the names. */
final class FileOrder {
    private static final Comparator<DirEntry> BY_NAME = Comparator.comparing(DirEntry::name);

    private FileOrder() {}

    static List<DirEntry> sorted(List<DirEntry> entries) {
        entries.sort(BY_NAME);
        return entries;
    }
}
