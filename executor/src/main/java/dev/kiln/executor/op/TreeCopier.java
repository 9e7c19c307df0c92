package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.FileId;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/**
 * Copies files and directories with what belongs to them: mode, owner, time of change, extended attributes, links among
 * the files of one source. Links are copied as links. A directory is merged into one that is there, and passes its own
 * mode, owner and time on to it; a file replaces what is no directory; a socket becomes an empty file.
 *
 * <p>For one thread. When it ends early, what it has made stays.
 */
final class TreeCopier {
    private static final int BUFFER = 256 * 1024;
    private static final long AT_ONCE = 64L << 20;

    private final Root into;
    private final Ownership ownership;
    /** The first copy of each file of the source that has further names. */
    private final Map<FileId, RawPath> linked = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

    TreeCopier(Root into, Ownership ownership) {
        this.into = into;
        this.ownership = ownership;
    }

    /** Copies what is in the directory {@code from} into the existing directory {@code to}, which gets its time too. */
    void copyContents(RawPath from, FileStat stat, RawPath to) throws IOException, StepFailed, InterruptedException {
        linked.clear();
        copyEntries(from, to, false);
        Posix.setModified(to, stat.modified());
    }

    /** Copies one file of any kind but a directory; the directory that {@code to} is in is there. */
    void copyFile(RawPath from, FileStat stat, RawPath to) throws IOException, StepFailed, InterruptedException {
        linked.clear();
        replace(to);
        copyNew(from, stat, to);
    }

    private void copyEntries(RawPath from, RawPath to, boolean toIsEmpty)
            throws IOException, StepFailed, InterruptedException {
        for (DirEntry entry : FileOrder.sorted(Posix.list(from))) {
            FileThreads.checkInterrupt();
            RawPath file = from.resolve(entry.name());
            RawPath target = to.resolve(entry.name());
            FileStat stat = Posix.lstat(file);
            if (stat.isDirectory()) {
                copyDirectory(file, stat, target);
            } else {
                if (!toIsEmpty) {
                    replace(target);
                }
                copyNew(file, stat, target);
            }
        }
    }

    private void copyDirectory(RawPath from, FileStat stat, RawPath to)
            throws IOException, StepFailed, InterruptedException {
        Optional<FileStat> there = Posix.lstatIfExists(to);
        if (there.isEmpty()) {
            Posix.mkdir(to, 0700);
        } else if (!there.get().isDirectory()) {
            throw new StepFailed("cannot copy to non-directory: " + into.inside(to), Optional.empty());
        }
        copyEntries(from, to, there.isEmpty());
        Posix.chown(to, ownership.of(stat.owner()));
        Posix.chmod(to, stat.mode());
        Attributes.copy(from, to);
        Posix.setModified(to, stat.modified());
    }

    private void replace(RawPath target) throws IOException, StepFailed {
        Optional<FileStat> there = Posix.lstatIfExists(target);
        if (there.isEmpty()) {
            return;
        }
        if (there.get().isDirectory()) {
            throw new StepFailed("cannot replace to directory " + into.inside(target) + " with file", Optional.empty());
        }
        Posix.unlink(target);
    }

    private void copyNew(RawPath from, FileStat stat, RawPath to) throws IOException, InterruptedException {
        if (stat.type() == FileType.REGULAR) {
            RawPath first = stat.links() > 1 ? linked.putIfAbsent(stat.id(), to) : null;
            if (first == null) {
                copyRegular(from, stat, to);
            } else {
                Posix.link(first, to);
            }
        } else {
            copySpecial(from, stat, to);
        }
    }

    private void copyRegular(RawPath from, FileStat stat, RawPath to) throws IOException, InterruptedException {
        try (FileHandle in = FileHandle.openForReading(from); FileHandle out = FileHandle.create(to, 0600)) {
            if (stat.size() <= BUFFER) {
                copyThroughBuffer(in, out);
            } else {
                copyInKernel(in, out);
            }
            out.chown(ownership.of(stat.owner()));
            out.chmod(stat.mode());
            Attributes.copy(from, to);
            out.setModified(stat.modified());
        }
    }

    private void copyInKernel(FileHandle in, FileHandle out) throws IOException, InterruptedException {
        boolean first = true;
        try {
            while (in.copyTo(out, AT_ONCE) > 0) {
                first = false;
                FileThreads.checkInterrupt();
            }
        } catch (PosixException e) {
            if (!first || !needsBuffer(e.errno())) {
                throw e;
            }
            copyThroughBuffer(in, out);
        }
    }

    private static boolean needsBuffer(Errno errno) {
        return switch (errno) {
            case EXDEV, EINVAL, EOPNOTSUPP, ENOSYS, EPERM, EIO -> true;
            default -> false;
        };
    }

    private void copyThroughBuffer(FileHandle in, FileHandle out) throws IOException, InterruptedException {
        while (in.read(buffer.clear()) >= 0) {
            out.write(buffer.flip());
            FileThreads.checkInterrupt();
        }
    }

    private void copySpecial(RawPath from, FileStat stat, RawPath to) throws IOException {
        switch (stat.type()) {
            case SYMLINK -> Posix.symlink(Posix.readlink(from), to);
            case SOCKET -> Posix.mknod(to, FileType.REGULAR, 0600, Device.NONE);
            case FIFO -> Posix.mknod(to, FileType.FIFO, 0600, Device.NONE);
            case CHARACTER_DEVICE, BLOCK_DEVICE -> Posix.mknod(to, stat.type(), 0600, stat.device());
            case REGULAR, DIRECTORY -> throw new IllegalArgumentException(stat.type() + " is nothing special");
        }
        Posix.chown(to, ownership.of(stat.owner()));
        if (stat.type() != FileType.SYMLINK) {
            Posix.chmod(to, stat.mode());
        }
        Attributes.copy(from, to);
        Posix.setModified(to, stat.modified());
    }
}
