package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

import dev.kiln.layercache.oci.Digest;

/**
 * Takes the bytes of a tar, hashes them, and writes them compressed, block after block, to a stream that is not closed here.
 * At most two blocks for each thread of the pool are under way; then {@link #write} waits for the oldest. A tar of one block
 * is compressed on the calling thread: for most layers that is quicker than asking another.
 */
final class LayerOutput extends OutputStream {
    private final OutputStream blob;
    private final Compression compression;
    private final CompressionPool pool;
    private final MessageDigest hash = Digest.newSha256();
    private final Deque<Task> underWay = new ArrayDeque<>();
    private final int maxUnderWay;
    private byte[] block;
    private int filled;
    private long fullBlocks;

    private record Task(Future<ByteBuffer> compressed, byte[] block) {}

    LayerOutput(OutputStream blob, Compression compression, CompressionPool pool) {
        this.blob = blob;
        this.compression = compression;
        this.pool = pool;
        maxUnderWay = 2 * pool.threads();
        block = pool.block(compression.blockSize());
    }

    /** Where the next bytes may be put without copying; never empty. {@link #filled} says how many were put. */
    ByteBuffer room() throws IOException {
        if (filled == block.length) {
            hand();
        }
        return ByteBuffer.wrap(block, filled, block.length - filled);
    }

    void filled(int count) {
        filled += count;
    }

    @Override
    public void write(int b) throws IOException {
        room();
        block[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length;) {
            ByteBuffer room = room();
            int part = Math.min(length - done, room.remaining());
            room.put(bytes, offset + done, part);
            filled(part);
            done += part;
        }
    }

    /** Bytes of tar so far. */
    long size() {
        return fullBlocks * block.length + filled;
    }

    /** Writes what remains, and returns the digest of the tar. */
    Digest finish() throws IOException {
        if (fullBlocks == 0 && !(compression instanceof Compression.None)) {
            hash.update(block, 0, filled);
            writeBlob(pool.compress(compression, block, filled));
        } else if (filled > 0) {
            submit();
        }
        while (!underWay.isEmpty()) {
            writeOldest();
        }
        pool.giveBack(block);
        return Digest.ofSha256(hash.digest());
    }

    private void hand() throws IOException {
        submit();
        fullBlocks++;
        filled = 0;
    }

    private void submit() throws IOException {
        if (compression instanceof Compression.None) {
            hash.update(block, 0, filled);
            blob.write(block, 0, filled);
            return;
        }
        if (underWay.size() >= maxUnderWay) {
            writeOldest();
        }
        // The workers start on the block while it is hashed here.
        underWay.add(new Task(pool.submit(compression, block, filled), block));
        hash.update(block, 0, filled);
        block = pool.block(compression.blockSize());
    }

    private void writeOldest() throws IOException {
        Task oldest = underWay.remove();
        try {
            writeBlob(oldest.compressed.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while compressing a layer").initCause(e);
        } catch (ExecutionException e) {
            throw new IOException("compressing a layer failed", e.getCause());
        }
        pool.giveBack(oldest.block);
    }

    private void writeBlob(ByteBuffer bytes) throws IOException {
        blob.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    /** Stops what is under way, so that a layer given up costs no more. */
    @Override
    public void close() {
        underWay.forEach(task -> task.compressed.cancel(false));
        underWay.clear();
    }
}
