package dev.kiln.layercache.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.oci.Digest;

/** Blobs in a map, for packers to write to. */
final class InMemoryBlobs implements BlobIngester {
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();

    byte[] get(Digest digest) {
        return blobs.get(digest);
    }

    int count() {
        return blobs.size();
    }

    @Override
    public BlobWriter newBlob() {
        return new BlobWriter() {
            private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

            @Override
            public void write(int b) {
                bytes.write(b);
            }

            @Override
            public void write(byte[] b, int off, int len) {
                bytes.write(b, off, len);
            }

            @Override
            public long written() {
                return bytes.size();
            }

            @Override
            public Digest commit(Optional<Digest> expected) throws IOException {
                return ingest(bytes.toByteArray());
            }

            @Override
            public void close() {
                // nothing to give back
            }
        };
    }

    @Override
    public void ingest(Digest expected, long expectedSize, InputStream in) throws IOException {
        ingest(in.readAllBytes());
    }

    @Override
    public Digest ingest(byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        blobs.put(digest, bytes);
        return digest;
    }
}
