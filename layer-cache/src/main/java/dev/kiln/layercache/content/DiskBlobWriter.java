package dev.kiln.layercache.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.oci.Digest;

/** A blob under a temporary name, hashed while it is written. */
final class DiskBlobWriter extends BlobWriter {
    /** One write of the channel copies through a native buffer of this size at most. */
    private static final int CHUNK = 128 << 10;
    private static final int SMALL = 8 << 10;

    private final DiskContentStore store;
    private final Path temp;
    private final FileChannel channel;
    private final String algorithm;
    private final MessageDigest hash;
    private final byte[] small = new byte[SMALL];
    private int pending;
    private long written;
    private boolean done;

    /** @param algorithm an example of the digest to compute: its algorithm counts */
    DiskBlobWriter(DiskContentStore store, Path temp, Optional<Digest> algorithm) throws IOException {
        this(store, temp, DurableFiles.create(temp), Hashed.nothing(algorithm.map(Digest::algorithm).orElse("sha256")));
    }

    /** Goes on with a file behind what was hashed of it; {@code channel} stands there. */
    DiskBlobWriter(DiskContentStore store, Path temp, FileChannel channel, Hashed hashed) {
        this.store = store;
        this.temp = temp;
        this.channel = channel;
        this.algorithm = hashed.algorithm;
        this.hash = hashed.hash;
        this.written = hashed.length;
    }

    /** The bytes so far: their hash, and how many they are. */
    record Hashed(String algorithm, MessageDigest hash, long length) {
        static Hashed nothing(String algorithm) {
            return new Hashed(algorithm, Digest.newHash(algorithm), 0);
        }
    }

    @Override
    public void write(int b) throws IOException {
        if (pending == SMALL) {
            drain();
        }
        checkOpen();
        small[pending++] = (byte) b;
        written++;
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        checkOpen();
        if (len > SMALL - pending) {
            drain();
        }
        if (len <= SMALL - pending) {
            System.arraycopy(b, off, small, pending, len);
            pending += len;
        } else {
            writeThrough(b, off, len);
        }
        written += len;
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public Digest commit(Optional<Digest> expected) throws IOException {
        checkOpen();
        try {
            drain();
            Digest actual = new Digest(algorithm, HexFormat.of().formatHex(hash.digest()));
            Digest named = expected.isPresent() ? matching(expected.get(), actual) : actual;
            store.commit(temp, channel, named);
            return named;
        } catch (IOException e) {
            throw NoSpace.explain(e, store.root());
        } finally {
            close();
        }
    }

    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        try {
            channel.close();
        } finally {
            Files.deleteIfExists(temp);
        }
    }

    /** Gives all to the system, where it survives this process. */
    @Override
    public void flush() throws IOException {
        checkOpen();
        drain();
    }

    /** Makes what was written so far durable. */
    void sync() throws IOException {
        checkOpen();
        drain();
        try {
            channel.force(false);
        } catch (IOException e) {
            throw NoSpace.explain(e, store.root());
        }
    }

    /** Ends the writer and leaves the file. */
    void leave() throws IOException {
        if (done) {
            return;
        }
        try {
            drain();
        } finally {
            done = true;
            channel.close();
        }
    }

    private Digest matching(Digest expected, Digest actual) throws IOException {
        Digest comparable = expected.algorithm().equals(algorithm) ? actual : DiskContentStore.hash(temp, expected);
        if (!comparable.equals(expected)) {
            throw new ContentException(ContentException.Code.DIGEST_MISMATCH,
                    "storing a blob of " + written + " bytes: expected " + expected + ", got " + comparable);
        }
        return expected;
    }

    private void drain() throws IOException {
        int n = pending;
        pending = 0;
        writeThrough(small, 0, n);
    }

    private void writeThrough(byte[] b, int off, int len) throws IOException {
        try {
            hash.update(b, off, len);
            for (int at = off; at < off + len; at += CHUNK) {
                ByteBuffer chunk = ByteBuffer.wrap(b, at, Math.min(CHUNK, off + len - at));
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            }
        } catch (IOException e) {
            throw NoSpace.explain(e, store.root());
        }
    }

    private void checkOpen() throws IOException {
        if (done) {
            throw new ContentException(ContentException.Code.INVALID, "the blob writer is closed");
        }
    }
}
