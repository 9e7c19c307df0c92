package dev.kiln.layercache.content;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/** A content store for tests that need no disk; held to the same contract. */
public final class InMemoryContentStore implements ContentStore {
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();

    @Override
    public OptionalLong size(Digest digest) {
        byte[] bytes = blobs.get(digest);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        byte[] bytes = blobs.get(digest);
        if (bytes == null) {
            throw new ContentException(ContentException.Code.NOT_FOUND, "there is no blob " + digest);
        }
        if (offset < 0 || offset > bytes.length) {
            throw new ContentException(ContentException.Code.INVALID, "offset " + offset + " is outside of " + digest);
        }
        return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
    }

    @Override
    public BlobWriter newBlob() {
        return new Writer();
    }

    @Override
    public void ingest(Digest expected, long expectedSize, InputStream in) throws IOException {
        byte[] bytes = blobs.get(expected);
        if (bytes == null) {
            bytes = in.readNBytes((int) Math.min(Integer.MAX_VALUE, expectedSize + 1));
        }
        if (bytes.length != expectedSize) {
            throw new ContentException(ContentException.Code.SIZE_MISMATCH, "expected " + expectedSize + " bytes");
        }
        put(Optional.of(expected), bytes);
    }

    @Override
    public Digest ingest(byte[] bytes) throws IOException {
        return put(Optional.empty(), bytes.clone());
    }

    @Override
    public void delete(Digest digest) {
        blobs.remove(digest);
    }

    @Override
    public void forEach(Consumer<Descriptor> each) {
        blobs.forEach((digest, bytes) -> each
            .accept(Descriptor.of("application/octet-stream", digest, bytes.length)));
    }

    private Digest put(Optional<Digest> expected, byte[] bytes) throws IOException {
        Digest actual = expected.map(e -> e.ofSame(bytes)).orElseGet(() -> Digest.sha256(bytes));
        if (expected.isPresent() && !expected.get().equals(actual)) {
            throw new ContentException(ContentException.Code.DIGEST_MISMATCH,
                    "expected " + expected.get() + ", got " + actual);
        }
        blobs.put(actual, bytes);
        return actual;
    }

    private final class Writer extends BlobWriter {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean done;

        @Override
        public long written() {
            return bytes.size();
        }

        @Override
        public void write(int b) throws IOException {
            checkOpen();
            bytes.write(b);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            checkOpen();
            bytes.write(b, off, len);
        }

        @Override
        public Digest commit(Optional<Digest> expected) throws IOException {
            checkOpen();
            done = true;
            return put(expected, bytes.toByteArray());
        }

        @Override
        public void close() {
            done = true;
        }

        private void checkOpen() throws IOException {
            if (done) {
                throw new ContentException(ContentException.Code.INVALID, "the blob writer is closed");
            }
        }
    }
}
