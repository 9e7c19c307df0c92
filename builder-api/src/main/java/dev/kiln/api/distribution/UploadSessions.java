package dev.kiln.api.distribution;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobWriter;

/**
 * Uploads that take more than one request. They live in this process: one that restarts knows none, and their bytes are
 * removed when the content store is opened again. Their number is bounded; an upload that nobody touches for a while
 * gives way. Safe for many threads.
 */
public final class UploadSessions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UploadSessions.class);

    /**
     * @param count how many uploads there may be at once
     * @param idle how long an upload is kept that nobody touches
     */
    public record Bounds(int count, Duration idle) {
        public Bounds {
            if (count < 1 || !idle.isPositive()) {
                throw new IllegalArgumentException("uploads need room for one, and some time");
            }
        }
    }

    /** One upload: what came so far. Held by one request at a time. */
    final class Session {
        private final String id;
        private final RepositoryName repository;
        private final BlobWriter writer;
        private final ReentrantLock lock = new ReentrantLock();
        private volatile Instant touched = clock.instant();
        private volatile boolean over;

        private Session(String id, RepositoryName repository, BlobWriter writer) {
            this.id = id;
            this.repository = repository;
            this.writer = writer;
        }

        String id() {
            return id;
        }

        String location() {
            return "/v2/" + repository + "/blobs/uploads/" + id;
        }

        BlobWriter writer() {
            return writer;
        }

        long written() {
            return writer.written();
        }

        /** Ends the upload; bytes that were not committed go. Called by whoever holds it. */
        void end() throws IOException {
            over = true;
            sessions.remove(id);
            writer.close();
        }

        /** Lets the next request have it. */
        void release() {
            touched = clock.instant();
            lock.unlock();
        }
    }

    private final BlobIngester content;
    private final Bounds bounds;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private boolean closed;

    /** @param random must be hard to guess: who knows an upload's id can write to it */
    public UploadSessions(BlobIngester content, Bounds bounds, InstantSource clock, RandomGenerator random) {
        this.content = content;
        this.bounds = bounds;
        this.clock = clock;
        this.random = random;
    }

    /** Begins an upload; nobody holds it. */
    Session begin(RepositoryName repository) throws IOException {
        expire();
        synchronized (this) {
            if (closed) {
                throw new DistributionException(DistributionError.UNAVAILABLE, "the registry is shutting down");
            }
            if (sessions.size() >= bounds.count()) {
                throw new DistributionException(DistributionError.TOOMANYREQUESTS,
                        "there are " + bounds.count() + " uploads under way already; finish some, or wait")
                    .with("Retry-After", "5");
            }
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            String id = HexFormat.of().formatHex(bytes);
            Session session = new Session(id, repository, content.newBlob());
            sessions.put(id, session);
            return session;
        }
    }

    /**
     * Takes hold of an upload; the caller releases it.
     *
     * @throws DistributionException when there is none of that id, or another request holds it
     */
    Session hold(RepositoryName repository, String id) {
        Session session = Optional.ofNullable(sessions.get(id))
            .filter(s -> s.repository.equals(repository))
            .orElseThrow(() -> unknown(id));
        if (!session.lock.tryLock()) {
            throw new DistributionException(DistributionError.BLOB_UPLOAD_INVALID, 409,
                    "another request writes to this upload");
        }
        if (session.over) {
            session.lock.unlock();
            throw unknown(id);
        }
        return session;
    }

    /** Ends the uploads that nobody has touched for too long. */
    public void expire() {
        Instant oldest = clock.instant().minus(bounds.idle());
        for (Session session : sessions.values()) {
            if (session.touched.isBefore(oldest) && session.lock.tryLock()) {
                try {
                    endWhenIdle(session, oldest);
                } catch (IOException e) {
                    LOG.warn("cannot discard an upload repository={}", session.repository, e);
                } finally {
                    session.lock.unlock();
                }
            }
        }
    }

    /** Looks again now that nobody else can touch it. */
    private static void endWhenIdle(Session session, Instant oldest) throws IOException {
        if (session.touched.isBefore(oldest) && !session.over) {
            LOG.info("upload expired repository={} bytes={}", session.repository, session.written());
            session.end();
        }
    }

    /** Discards all uploads, and begins no more. Waits for requests that hold one. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        for (Session session : sessions.values()) {
            session.lock.lock();
            try {
                session.end();
            } catch (IOException e) {
                LOG.warn("cannot discard an upload repository={}", session.repository, e);
            } finally {
                session.lock.unlock();
            }
        }
    }

    private static DistributionException unknown(String id) {
        String shown = id.length() <= 64 ? id : id.substring(0, 64) + "…";
        return new DistributionException(DistributionError.BLOB_UPLOAD_UNKNOWN,
                "there is no upload " + shown + " here; it may have expired. Begin again");
    }
}
