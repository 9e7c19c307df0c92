package dev.kiln.layercache.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;

/** A local blob as the body of a request. Remembers when it could not be read, for that is not the registry's failure. */
final class UploadBody {
    private final Descriptor blob;
    private final BlobReader from;
    private volatile @Nullable IOException failure;

    UploadBody(Descriptor blob, BlobReader from) {
        this.blob = blob;
        this.from = from;
    }

    BodyPublisher publisher() {
        return blob.size() == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), blob.size());
    }

    /** Why the blob could not be read, when that is what ended the request. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    private InputStream open() {
        try {
            return new Remembering(from.open(blob.digest()));
        } catch (IOException e) {
            failure = e;
            return new Remembering(InputStream.nullInputStream());
        }
    }

    private final class Remembering extends FilterInputStream {
        private long left = blob.size();

        Remembering(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int n = in.read(bytes, offset, length);
                left -= Math.max(n, 0);
                if (n < 0 && left > 0 && failure == null) {
                    throw new ContentException(ContentException.Code.SIZE_MISMATCH, "the local blob " + blob.digest()
                            + " ended " + left + " bytes before its size of " + blob.size());
                }
                return n;
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
