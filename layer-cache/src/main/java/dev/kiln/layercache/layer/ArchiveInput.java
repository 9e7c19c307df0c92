package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;

/**
 * The bytes of a tar, from a stream that is one or is one compressed, told by its first bytes. Counts them against a limit
 * and hashes them. Closing it frees what decompression takes, and leaves the stream itself to who opened it.
 */
final class ArchiveInput implements AutoCloseable {
    private final ReadAhead tar;
    private final long maxBytes;
    private final Optional<MessageDigest> hash;
    private byte[] buffer = new byte[0];
    private int position;
    private int limit;
    private long bytes;

    ArchiveInput(InputStream stream, long maxBytes) throws IOException {
        this(stream, maxBytes, Optional.of(Digest.newSha256()));
    }

    private ArchiveInput(InputStream stream, long maxBytes, Optional<MessageDigest> hash) throws IOException {
        this.maxBytes = maxBytes;
        this.hash = hash;
        tar = new ReadAhead(Decompression.open(new Unclosed(stream)));
    }

    /** For who does not ask for the digest of the tar: {@link #finish} is not to be called. */
    static ArchiveInput withoutDigest(InputStream stream, long maxBytes) throws IOException {
        return new ArchiveInput(stream, maxBytes, Optional.empty());
    }

    /** Reads up to {@code length} bytes, at least one; -1 at the end. */
    int read(byte[] into, int offset, int length) throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(buffer, position, into, offset, count);
        position += count;
        return count;
    }

    /** Reads as many bytes as there are, up to {@code length}; fewer only at the end. */
    int readFully(byte[] into, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = read(into, offset + done, length - done);
            if (count < 0) {
                break;
            }
            done += count;
        }
        return done;
    }

    /** Gives {@code sink} some bytes, at least one and up to {@code length}, and returns how many; -1 at the end. */
    int copyTo(TarReader.ContentSink sink, long length) throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        int count = (int) Math.min(length, limit - position);
        sink.data(buffer, position, count);
        position += count;
        return count;
    }

    /** Passes over {@code length} bytes; false when there are fewer. */
    boolean skip(long length) throws IOException {
        long rest = length;
        while (rest > 0 && (position < limit || fill())) {
            int count = (int) Math.min(rest, limit - position);
            position += count;
            rest -= count;
        }
        return rest == 0;
    }

    private boolean fill() throws IOException {
        ReadAhead.Piece piece = tar.next();
        buffer = piece.bytes();
        position = 0;
        limit = piece.length();
        bytes += limit;
        if (bytes > maxBytes) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: uncompressed it is larger than " + maxBytes
                    + " bytes, which is the limit");
        }
        if (hash.isPresent()) {
            hash.get().update(buffer, 0, limit);
        }
        return limit > 0;
    }

    /** Bytes of tar up to here; all of them after {@link #finish}. */
    long bytes() {
        return bytes;
    }

    /** Reads what follows the last entry, for the digest is of that too, and returns the digest of the tar. */
    Digest finish() throws IOException {
        skip(Long.MAX_VALUE);
        return Digest.ofSha256(hash.orElseThrow().digest());
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
