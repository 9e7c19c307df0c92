package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.PartialBlob;
import dev.kiln.layercache.oci.Digest;

/**
 * One upload: what came so far. Held by one request at a time; only the holder may call what changes it. Its file is opened
 * when the first bytes come, so that one that an earlier process began costs nothing until it is gone on with.
 */
final class Upload {
    /** Of less, nothing is synced before the end: sending it again costs less than waiting for the disk. */
    private static final long SYNCED_FROM = 1 << 20;

    private final UploadSessions sessions;
    private final String id;
    private final ReentrantLock lock = new ReentrantLock();
    private UploadState state;
    private @Nullable PartialBlob writer;
    private volatile long written;
    private volatile Instant touched;
    private volatile boolean over;

    Upload(UploadSessions sessions, String id, UploadState state) {
        this.sessions = sessions;
        this.id = id;
        this.state = state;
        this.written = state.committed();
        this.touched = state.touched();
    }

    String id() {
        return id;
    }

    RepositoryName repository() {
        return state.repository();
    }

    String location() {
        return "/v2/" + repository() + "/blobs/uploads/" + id;
    }

    long written() {
        return written;
    }

    Instant touched() {
        return touched;
    }

    boolean isOver() {
        return over;
    }

    boolean tryHold() {
        return lock.tryLock();
    }

    void awaitHold() {
        lock.lock();
    }

    /** Lets the next request have it. */
    void release() {
        touched = sessions.now();
        lock.unlock();
    }

    void write(byte[] bytes, int count) throws IOException {
        PartialBlob to = writer();
        sessions.space().take(written, count);
        written += count;
        to.write(bytes, 0, count);
    }

    /** Makes what came so far last, also beyond this process. */
    void commitProgress() throws IOException {
        if (written == state.committed()) {
            return;
        }
        UploadState next = state.with(written, sessions.now());
        if (written < SYNCED_FROM) {
            writer().flush();
            sessions.note(id, next);
        } else {
            writer().sync();
            sessions.remember(id, next);
        }
        state = next;
    }

    /** Makes the bytes a blob; the upload is over also when they are not the blob that they should be. */
    Digest finish(Digest expected) throws IOException {
        try {
            return writer().commit(Optional.of(expected));
        } finally {
            end();
        }
    }

    /** Ends the upload; bytes that were not committed go. */
    void end() throws IOException {
        if (over) {
            return;
        }
        over = true;
        sessions.space().giveBack(written);
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            Files.deleteIfExists(data());
            sessions.forget(id);
        }
    }

    /** Leaves the upload to the next process. */
    void suspend() throws IOException {
        if (writer != null && !over) {
            try {
                commitProgress();
            } finally {
                writer.suspend();
            }
        }
    }

    private Path data() {
        return sessions.data(id);
    }

    private PartialBlob writer() throws IOException {
        if (writer == null) {
            try {
                writer = sessions.content().partial(data(), state.algorithm(), written);
            } catch (ContentException e) {
                if (e.code() != ContentException.Code.SIZE_MISMATCH) {
                    throw e;
                }
                end();
                throw new DistributionException(DistributionError.BLOB_UPLOAD_UNKNOWN,
                        "the upload " + id + " was damaged on the registry's disk and is discarded; begin again");
            }
        }
        return writer;
    }
}
