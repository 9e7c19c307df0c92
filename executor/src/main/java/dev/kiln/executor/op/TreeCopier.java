package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.ChmodSpec;
import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.FileId;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/**
 * Copies files and directories with what belongs to them: mode, owner, time of change, extended attributes, links among
 * the files of one source. Links are copied as links. A directory is merged into one that is there, and passes its own
 * mode, owner and time on to it; a file replaces what is no directory; a socket becomes an empty file. A directory that is
 * only on the way to what is taken looks like its source when it is made, and passes on its mode alone when it is there.
 *
 * <p>For one thread. When it ends early, what it has made stays.
 */
final class TreeCopier implements TreeWalk.Visitor {
    private static final int BUFFER = 256 * 1024;
    private static final long AT_ONCE = 64L << 20;
    private static final int INLINE_MODE = 0644;

    private final Root into;
    private final Look look;
    /** Where what is visited goes, the innermost last. */
    private final Deque<Target> targets = new ArrayDeque<>();
    /** The first copy of each file of the source that has further names. */
    private final Map<FileId, RawPath> linked = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

    /**
     * What copied files look like.
     *
     * @param mode of everything but links; absent for what it was
     */
    record Look(Optional<Owner> owner, Optional<ChmodSpec> mode) {

        int mode(FileStat stat) {
            return mode.isPresent() ? mode.get().apply(stat.mode(), stat.isDirectory()) : stat.mode();
        }
    }

    /** @param fresh true when the directory was made just now, so that nothing is in the way in it */
    private record Target(RawPath path, boolean fresh) {}

    TreeCopier(Root into, Look look) {
        this.into = into;
        this.look = look;
    }

    /** Copies into the directory {@code to} what {@code source} takes of a directory; it gets the directory's time too. */
    boolean copyContents(CopySource source, Selected directory, RawPath to, boolean fresh)
            throws IOException, StepFailed, InterruptedException {
        linked.clear();
        targets.push(new Target(to, fresh));
        boolean any = source.walk(directory, this);
        targets.pop();
        Posix.setModified(to, directory.stat().modified());
        return any;
    }

    /** As {@link #copyContents}, but {@code to} is made, and looks like the directory. */
    boolean copyWhole(CopySource source, Selected directory, RawPath to)
            throws IOException, StepFailed, InterruptedException {
        Posix.mkdir(to, 0700);
        boolean any = copyContents(source, directory, to, true);
        finish(directory.file(), directory.stat(), to);
        return any;
    }

    /** Copies one file of any kind but a directory; the directory that {@code to} is in is there. */
    void copyFile(RawPath from, FileStat stat, RawPath to) throws IOException, StepFailed, InterruptedException {
        linked.clear();
        replace(to);
        copyNew(from, stat, to);
    }

    /** Makes a file of which only the content is given. */
    void write(byte[] content, RawPath to) throws IOException, StepFailed {
        replace(to);
        try (FileHandle out = FileHandle.create(to, 0600)) {
            out.write(ByteBuffer.wrap(content));
            out.chown(look.owner.orElse(Owner.ROOT));
            out.chmod(look.mode.isPresent() ? look.mode.get().apply(INLINE_MODE, false) : INLINE_MODE);
        }
    }

    @Override
    public void enter(TreeWalk.Entry directory) throws IOException, StepFailed {
        Target parent = targets.element();
        RawPath to = parent.path.resolve(directory.name());
        Optional<FileStat> there = parent.fresh ? Optional.empty() : Posix.lstatIfExists(to);
        if (there.isEmpty()) {
            Posix.mkdir(to, 0700);
        } else if (!there.get().isDirectory()) {
            throw new StepFailed("cannot copy to non-directory: " + into.inside(to), Optional.empty());
        }
        targets.push(new Target(to, there.isEmpty()));
    }

    @Override
    public void leave(TreeWalk.Entry directory) throws IOException {
        Target target = targets.pop();
        if (target.fresh || directory.taken()) {
            finish(directory.file(), directory.stat(), target.path);
        } else {
            Posix.chmod(target.path, directory.stat().mode());
        }
    }

    @Override
    public void file(TreeWalk.Entry file) throws IOException, StepFailed, InterruptedException {
        Target parent = targets.element();
        RawPath to = parent.path.resolve(file.name());
        if (!parent.fresh) {
            replace(to);
        }
        copyNew(file.file(), file.stat(), to);
    }

    private void finish(RawPath from, FileStat stat, RawPath to) throws IOException {
        Posix.chown(to, look.owner.orElse(stat.owner()));
        Posix.chmod(to, look.mode(stat));
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
            out.chown(look.owner.orElse(stat.owner()));
            out.chmod(look.mode(stat));
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
        if (stat.type() == FileType.SYMLINK) {
            Posix.chown(to, look.owner.orElse(stat.owner()));
            Attributes.copy(from, to);
            Posix.setModified(to, stat.modified());
        } else {
            finish(from, stat, to);
        }
    }
}
