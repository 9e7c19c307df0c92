package dev.kiln.layercache.content;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.OptionalLong;

import dev.kiln.layercache.oci.Digest;

/**
 * One blob that stands nowhere but in memory; safe for many threads.
 *
 * @param digest of {@code bytes}, which nobody checks again
 */
public record InMemoryBlob(Digest digest, byte[] bytes) implements BlobReader {

    @Override
    public OptionalLong size(Digest wanted) {
        return wanted.equals(digest) ? OptionalLong.of(bytes.length) : OptionalLong.empty();
    }

    @Override
    public InputStream open(Digest wanted, long offset) throws ContentException {
        if (!wanted.equals(digest)) {
            throw new ContentException(ContentException.Code.NOT_FOUND, wanted + " is not here");
        }
        return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
    }
}
