package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Brings what was written into the upper directory of an overlay into the one directory below it, so that this looks as the
 * overlay looked. The overlay is unmounted, was mounted without {@code redirect_dir} and {@code metacopy}, and nobody uses
 * either directory.
 *
 * <p>Files are moved, so it costs what was written and not what is there. What is moved is gone from the upper directory,
 * and every other change can be made twice: after a kill at any moment the same call goes on where it was. Only times of
 * directories are then those of the second call.
 *
 * @param change told before each change on the disk
 */
record CacheMerge(Runnable change) {
    private static final String OVERLAY = "trusted.overlay.";
    private static final String OPAQUE = OVERLAY + "opaque";

    void apply(RawPath upper, RawPath lower) throws IOException {
        FileStat written = Posix.lstat(upper);
        for (DirEntry entry : Posix.list(upper)) {
            applyOne(upper.resolve(entry.name()), lower.resolve(entry.name()));
        }
        change.run();
        copyAttributes(upper, written, lower);
    }

    private void applyOne(RawPath upper, RawPath lower) throws IOException {
        FileStat written = Posix.lstat(upper);
        if (written.type() == FileType.CHARACTER_DEVICE && written.device().equals(Device.NONE)) {
            change.run();
            Posix.deleteTree(lower);
            change.run();
            Posix.unlink(upper);
            return;
        }
        Optional<FileStat> there = Posix.lstatIfExists(lower);
        boolean over = there.map(FileStat::isDirectory).orElse(false);
        if (written.isDirectory() && over && !isOpaque(upper)) {
            apply(upper, lower);
            change.run();
            Posix.rmdir(upper);
        } else {
            if (there.isPresent() && (over || written.isDirectory())) {
                change.run();
                Posix.deleteTree(lower);
            }
            removeMarks(upper);
            change.run();
            Posix.rename(upper, lower);
        }
    }

    private static boolean isOpaque(RawPath directory) throws IOException {
        Optional<byte[]> value = Posix.getxattr(directory, OPAQUE);
        return value.isPresent() && value.get().length == 1 && value.get()[0] == 'y';
    }

    /** Further down they may stay: a directory that is the lowest of an overlay hides nothing. */
    private static void removeMarks(RawPath file) throws IOException {
        for (String name : Posix.listxattr(file)) {
            if (name.startsWith(OVERLAY)) {
                Posix.removexattr(file, name);
            }
        }
    }

    /** Lets a directory look like another, whose attributes may have changed since {@code stat}. */
    static void copyAttributes(RawPath from, FileStat stat, RawPath to) throws IOException {
        Posix.chown(to, stat.owner());
        Posix.chmod(to, stat.mode());
        List<String> names = Posix.listxattr(from).stream().filter(name -> !name.startsWith(OVERLAY)).toList();
        for (String name : names) {
            Optional<byte[]> value = Posix.getxattr(from, name);
            if (value.isPresent()) {
                Posix.setxattr(to, name, value.get());
            }
        }
        Set<String> gone = new HashSet<>(Posix.listxattr(to));
        names.forEach(gone::remove);
        for (String name : gone) {
            if (!name.startsWith(OVERLAY)) {
                Posix.removexattr(to, name);
            }
        }
        Posix.setModified(to, stat.modified());
    }
}
