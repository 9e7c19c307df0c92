package dev.kiln.layercache.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.Digest;

/** A {@link DiskBlobWriter} on a file of somebody else's. */
final class DiskPartialBlob extends PartialBlob {
    private static final int BUFFER = 256 << 10;
    private static final String OWNER_ONLY = "rw-------";
    private static final String READ_ONLY = "r--r--r--";

    private final Path file;
    private final FileChannel channel;
    private final DiskBlobWriter writer;

    private DiskPartialBlob(Path file, FileChannel channel, DiskBlobWriter writer) {
        this.file = file;
        this.channel = channel;
        this.writer = writer;
    }

    static DiskPartialBlob open(DiskContentStore store, Path file, String algorithm, long length) throws IOException {
        MessageDigest hash = Digest.newHash(algorithm);
        FileChannel channel = FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
        try {
            if (channel.size() < length) {
                throw new ContentException(ContentException.Code.SIZE_MISMATCH, "going on with a blob: "
                        + length + " bytes of it were written, " + channel.size() + " are left; begin it again");
            }
            channel.truncate(length);
            read(channel, hash);
            return new DiskPartialBlob(file, channel,
                    new DiskBlobWriter(store, file, channel, new DiskBlobWriter.Hashed(algorithm, hash, length)));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void read(FileChannel channel, MessageDigest hash) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (channel.read(buffer) >= 0) {
            hash.update(buffer.flip());
            buffer.clear();
        }
    }

    @Override
    public void write(int b) throws IOException {
        writer.write(b);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        writer.write(b, off, len);
    }

    @Override
    public long written() {
        return writer.written();
    }

    @Override
    public void flush() throws IOException {
        writer.flush();
    }

    @Override
    public void sync() throws IOException {
        writer.sync();
    }

    @Override
    public void suspend() throws IOException {
        writer.leave();
    }

    @Override
    public Digest commit(Optional<Digest> expected) throws IOException {
        if (channel.isOpen()) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(READ_ONLY));
        }
        return writer.commit(expected);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
