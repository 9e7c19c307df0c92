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
        this.store = store;
        this.temp = temp;
        this.algorithm = algorithm.map(Digest::algorithm).orElse("sha256");
        this.hash = algorithm.map(Digest::newHash).orElseGet(Digest::newSha256);
        this.channel = DurableFiles.create(temp);
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
