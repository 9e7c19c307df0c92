package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The digest of all that a copy takes from its source: type, mode, owner unless the copy forgets it, size, link target,
 * device, extended attributes, data; and the names below a directory. Times do not count, nor does what kind of entry the
 * directory itself is, since only what is in it is copied.
 *
 * <p>For one digest and one thread.
 */
final class ContentHasher {
    private static final int BUFFER = 256 * 1024;

    private final MessageDigest hash = Digest.newSha256();
    private final ByteBuffer header = ByteBuffer.allocate(64);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final boolean owners;

    /** @param owners whether it counts whom files belong to */
    ContentHasher(boolean owners) {
        this.owners = owners;
    }

    /** Adds what one source of the copy means. */
    void source(boolean named, Iterable<Selected> files) throws IOException, InterruptedException {
        mark('s');
        for (Selected selected : files) {
            if (named) {
                text('n', selected.name());
            }
            if (selected.stat().isDirectory()) {
                mark('D');
                entries(selected.file());
            } else {
                file(selected.file(), selected.stat());
            }
        }
    }

    Digest digest() {
        return Digest.ofSha256(hash.digest());
    }

    private void entries(RawPath directory) throws IOException, InterruptedException {
        for (DirEntry entry : FileOrder.sorted(Posix.list(directory))) {
            FileThreads.checkInterrupt();
            text('e', entry.name());
            RawPath path = directory.resolve(entry.name());
            FileStat stat = Posix.lstat(path);
            file(path, stat);
            if (stat.isDirectory()) {
                entries(path);
            }
        }
        mark('.');
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
