package dev.kiln.cli.output;

import java.io.IOException;
import java.util.Optional;

import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Moves what is in one directory into another of the same filesystem. Directories merge; what else is in the way of a file is
 * replaced. No symbolic link is followed.
 */
record TreeMove(RawPath from, RawPath to) {
    private static final int OWNERS_ALL = 0700;

    void run() throws IOException {
        for (DirEntry entry : Posix.list(from)) {
            move(from.resolve(entry.name()), to.resolve(entry.name()));
        }
    }

    private static void move(RawPath file, RawPath target) throws IOException {
        FileStat stat = Posix.lstat(file);
        Optional<FileStat> there = Posix.lstatIfExists(target);
        if (!stat.isDirectory()) {
            if (there.filter(FileStat::isDirectory).isPresent()) {
                Posix.deleteTree(target);
            }
            Posix.rename(file, target);
            return;
        }
        // Only a directory that may be written to can be moved, and have something moved into it.
        Posix.chmod(file, stat.mode() | OWNERS_ALL);
        if (there.filter(FileStat::isDirectory).isPresent()) {
            Posix.chmod(target, there.get().mode() | OWNERS_ALL);
            new TreeMove(file, target).run();
        } else {
            if (there.isPresent()) {
                Posix.unlink(target);
            }
            Posix.rename(file, target);
        }
        Posix.setModified(target, stat.modified());
        Posix.chmod(target, stat.mode());
    }
}
