package dev.kiln.layercache.lease;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.content.PartialBlob;
import dev.kiln.layercache.content.PartialBlobs;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/**
 * A content store for those who come by request: a client that was told that a blob is here, or that has just sent it, gets
 * some time to say what it is for.
 */
public final class GracedContent implements ContentStore {
    private final ContentStore content;
    private final Leases leases;
    private final Duration grace;

    /** @param leases which hear of every use of a blob of {@code content} */
    public GracedContent(ContentStore content, Leases leases, Duration grace) {
        this.content = content;
        this.leases = leases;
        this.grace = grace;
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    /** What is used in the call cannot go before its grace has begun. */
    private <T> T leased(Call<T> call) throws IOException {
        try (Lease _ = leases.open()) {
            return call.run();
        }
    }

    @Override
    public OptionalLong size(Digest digest) throws IOException {
        return leased(() -> {
            OptionalLong size = content.size(digest);
            if (size.isPresent()) {
                leases.use(Item.blob(digest), grace);
            }
            return size;
        });
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        return content.open(digest, offset);
    }

    @Override
    public void ingest(Digest expected, long expectedSize, InputStream in) throws IOException {
        boolean _ = leased(() -> {
            content.ingest(expected, expectedSize, in);
            leases.use(Item.blob(expected), grace);
            return true;
        });
    }

    @Override
    public Digest ingest(byte[] bytes) throws IOException {
        return leased(() -> {
            Digest digest = content.ingest(bytes);
            leases.use(Item.blob(digest), grace);
            return digest;
        });
    }

    @Override
    public void delete(Digest digest) throws IOException {
        content.delete(digest);
    }

    @Override
    public void forEach(Consumer<Descriptor> each) throws IOException {
        content.forEach(each);
    }

    @Override
    public BlobWriter newBlob() throws IOException {
        return new Writer(content.newBlob());
    }

    /** Blobs that others begin and go on with, with the same time once they are committed. */
    public PartialBlobs graced(PartialBlobs partials) {
        return (file, algorithm, length) -> new Partial(partials.partial(file, algorithm, length));
    }

    private Digest commit(BlobWriter writer, Optional<Digest> expected) throws IOException {
        return leased(() -> {
            Digest digest = writer.commit(expected);
            leases.use(Item.blob(digest), grace);
            return digest;
        });
    }

    private final class Writer extends BlobWriter {
        private final BlobWriter writer;

        Writer(BlobWriter writer) {
            this.writer = writer;
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
        public Digest commit(Optional<Digest> expected) throws IOException {
            return GracedContent.this.commit(writer, expected);
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }

    private final class Partial extends PartialBlob {
        private final PartialBlob writer;

        Partial(PartialBlob writer) {
            this.writer = writer;
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
            writer.suspend();
        }

        @Override
        public Digest commit(Optional<Digest> expected) throws IOException {
            return GracedContent.this.commit(writer, expected);
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
