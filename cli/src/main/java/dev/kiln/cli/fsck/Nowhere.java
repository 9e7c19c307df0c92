package dev.kiln.cli.fsck;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;

/** Takes blobs and keeps none: for those who only want to know a digest. */
final class Nowhere implements BlobIngester {

    @Override
    public BlobWriter newBlob() {
        return new Hashing();
    }

    @Override
    public void ingest(Digest expected, long expectedSize, InputStream in) throws IOException {
        throw new ContentException(ContentException.Code.INVALID, "nothing is kept here");
    }

    @Override
    public Digest ingest(byte[] bytes) {
        return Digest.sha256(bytes);
    }

    private static final class Hashing extends BlobWriter {
        private final MessageDigest hash = Digest.newSha256();
        private long written;

        @Override
        public void write(int b) {
            hash.update((byte) b);
            written++;
        }

        @Override
        public void write(byte[] b, int off, int len) {
            hash.update(b, off, len);
            written += len;
        }

        @Override
        public long written() {
            return written;
        }

        @Override
        public Digest commit(Optional<Digest> expected) throws IOException {
            Digest digest = new Digest("sha256", HexFormat.of().formatHex(hash.digest()));
            if (expected.isPresent() && !expected.get().equals(digest)) {
                throw new ContentException(ContentException.Code.DIGEST_MISMATCH, "expected " + expected.get());
            }
            return digest;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
