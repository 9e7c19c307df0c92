package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The digest of all that a copy takes from its source: type, mode, owner unless the copy forgets it, size, link target,
 * device, extended attributes, data; and the names below a directory. Times do not count, nor does what kind of entry the
 * directory itself is, since only what is in it is copied, unless the copy makes the destination of it.
 *
 * <p>For one digest and one thread.
 */
final class ContentHasher implements TreeWalk.Visitor {
    private static final int BUFFER = 256 * 1024;

    private final MessageDigest hash = Digest.newSha256();
    private final ByteBuffer header = ByteBuffer.allocate(64);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final boolean ownerGiven;
    private boolean owners;

    /** @param ownerGiven true when the copy says whom files belong to, so that it makes no difference who had them */
    ContentHasher(boolean ownerGiven) {
        this.ownerGiven = ownerGiven;
    }

    /** Adds what one source of the copy means. */
    void add(CopySource source, Root root) throws IOException, StepFailed, InterruptedException {
        mark('s');
        owners = !ownerGiven;
        for (Selected selected : source.select(root)) {
            if (source.isPattern()) {
                text('n', selected.name());
            }
            if (selected.stat().isDirectory()) {
                mark('D');
                if (!source.item().wildcards()) {
                    file(selected.file(), selected.stat());
                }
                boolean _ = source.walk(selected, this);
                mark('.');
            } else {
                source.checkFile();
                file(selected.file(), selected.stat());
            }
        }
    }

    /** Adds one file of the root, which need not be there. */
    void add(Root root, String path) throws IOException, StepFailed, InterruptedException {
        RawPath file = root.follow(path);
        Optional<FileStat> stat = Posix.lstatIfExists(file);
        if (stat.isEmpty()) {
            mark('-');
        } else {
            file(file, stat.get());
        }
    }

    /** Adds a file or a directory as it is seen where it is mounted: with what kind of entry it is itself. */
    void whole(RawPath path, FileStat stat) throws IOException, StepFailed, InterruptedException {
        mark('w');
        owners = !ownerGiven;
        file(path, stat);
        if (stat.isDirectory()) {
            boolean _ = new TreeWalk(PathFilter.of(Optional.empty(), List.of()), this).walk(path);
            mark('.');
        }
    }

    Digest digest() {
        return Digest.ofSha256(hash.digest());
    }

    @Override
    public void enter(TreeWalk.Entry directory) throws IOException, InterruptedException {
        file(directory);
    }

    @Override
    public void leave(TreeWalk.Entry directory) {
        mark('.');
    }

    @Override
    public void file(TreeWalk.Entry entry) throws IOException, InterruptedException {
        text('e', entry.name());
        file(entry.file(), entry.stat());
    }

    private void file(RawPath path, FileStat stat) throws IOException, InterruptedException {
        FileType type = stat.type() == FileType.SOCKET ? FileType.REGULAR : stat.type();
        header.clear().put((byte) 'f').put((byte) type.ordinal());
        header.putInt(type == FileType.SYMLINK ? 0777 : stat.mode());
        header.putLong(owners ? stat.owner().uid() : 0).putLong(owners ? stat.owner().gid() : 0);
        header.putInt(stat.device().major()).putInt(stat.device().minor());
        hash.update(header.flip());
        for (String name : Attributes.ofContent(path)) {
            Optional<byte[]> value = Posix.getxattr(path, name);
            if (value.isPresent()) {
                text('x', RawPath.ofUtf8(name));
                bytes(value.get());
            }
        }
        switch (type) {
            case REGULAR -> {
                if (stat.type() == FileType.REGULAR) {
                    data(path);
                }
            }
            case SYMLINK -> text('l', Posix.readlink(path));
            case DIRECTORY, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> {
                // all of it is in the header
            }
        }
    }

    /** In blocks, each with its length before it, and a last one without bytes: no data looks like what follows it. */
    private void data(RawPath path) throws IOException, InterruptedException {
        try (FileHandle in = FileHandle.openForReading(path)) {
            while (in.read(buffer.clear()) >= 0) {
                buffer.flip();
                hash.update(header.clear().put((byte) 'd').putInt(buffer.remaining()).flip());
                hash.update(buffer);
                FileThreads.checkInterrupt();
            }
        }
        hash.update(header.clear().put((byte) 'd').putInt(0).flip());
    }

    private void text(char kind, RawPath text) {
        mark(kind);
        bytes(text.bytes());
    }

    private void bytes(byte[] value) {
        hash.update(header.clear().putInt(value.length).flip());
        hash.update(value);
    }

    private void mark(char kind) {
        hash.update((byte) kind);
    }
}
