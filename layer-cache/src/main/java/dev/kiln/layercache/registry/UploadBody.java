package dev.kiln.layercache.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;

/**
 * A local blob, or a part of it, as the body of a request. Remembers when it could not be read, for that is not the
 * registry's failure. Closing it closes what was opened for requests that did not take it.
 */
final class UploadBody implements AutoCloseable {
    private final Descriptor blob;
    private final BlobReader from;
    private final long offset;
    private final long length;
    /** Guarded by this. */
    private final List<InputStream> opened = new ArrayList<>();
    private volatile @Nullable IOException failure;

    UploadBody(Descriptor blob, BlobReader from, long offset, long length) {
        this.blob = blob;
        this.from = from;
        this.offset = offset;
        this.length = length;
    }

    /** Opens the blob here, on the thread that holds a place at the registry: it may be one of the same registry. */
    BodyPublisher publisher() {
        if (length == 0) {
            return BodyPublishers.noBody();
        }
        InputStream first = open();
        boolean[] taken = new boolean[1];
        return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> {
            boolean again = taken[0];
            taken[0] = true;
            return again ? open() : first;
        }), length);
    }

    /** Why the blob could not be read, when that is what ended the request. */
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    private InputStream open() {
        InputStream in;
        try {
            in = new Remembering(from.open(blob.digest(), offset));
        } catch (IOException e) {
            failure = e;
            in = new Remembering(InputStream.nullInputStream());
        }
        synchronized (this) {
            opened.add(in);
        }
        return in;
    }

    @Override
    public synchronized void close() throws IOException {
        for (InputStream in : opened) {
            in.close();
        }
        opened.clear();
    }

    private final class Remembering extends FilterInputStream {
        private long left = length;

        Remembering(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int at, int most) throws IOException {
            if (left == 0) {
                return -1;
            }
            try {
                int n = in.read(bytes, at, (int) Math.min(most, left));
                left -= Math.max(n, 0);
                if (n < 0 && failure == null) {
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
