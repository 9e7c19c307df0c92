package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.content.PartialBlobs;
import dev.kiln.layercache.durable.DurableFiles;

/**
 * Uploads that take more than one request, each as two files:
 *
 * <pre>
 * 4f1c…/data    the bytes so far
 * 4f1c…/state   repository, algorithm, and how many of those bytes count
 * </pre>
 *
 * <p>They outlive the process, also one that is killed: what a request was told to have arrived ({@code Range}) is synced
 * before the state says so, and of what is beyond it nothing is believed. While an upload is small nothing is synced; a power
 * cut may cost it, and the client, who is told by its digest or by a 404, begins again.
 *
 * <p>Their number and their bytes are bounded; an upload that nobody touches for a while gives way. Safe for many threads;
 * one process at a time.
 */
public final class UploadSessions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UploadSessions.class);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    /**
     * @param count how many uploads there may be at once
     * @param idle how long an upload is kept that nobody touches
     * @param bytes how much the unfinished uploads may take of the disk together
     */
    public record Bounds(int count, Duration idle, long bytes) {
        public Bounds {
            if (count < 1 || !idle.isPositive() || bytes < 1) {
                throw new IllegalArgumentException("uploads need room for one, and some time");
            }
        }
    }

    private final PartialBlobs content;
    private final Path folder;
    private final SmallFiles files;
    private final Bounds bounds;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final UploadSpace space;
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private boolean closed;

    private UploadSessions(PartialBlobs content, Path folder, SmallFiles files, Bounds bounds, InstantSource clock,
            RandomGenerator random) {
        this.content = content;
        this.folder = folder;
        this.files = files;
        this.bounds = bounds;
        this.space = new UploadSpace(bounds.bytes());
        this.clock = clock;
        this.random = random;
    }

    /**
     * Takes up the uploads in {@code folder}, making it when it is not there; those that rested for too long go.
     *
     * @param folder on the filesystem of {@code content}
     * @param random must be hard to guess: who knows an upload's id can write to it
     */
    public static UploadSessions open(PartialBlobs content, Path folder, Bounds bounds, InstantSource clock,
            RandomGenerator random) throws IOException {
        DurableFiles.createDirectories(folder);
        UploadSessions sessions = new UploadSessions(content, folder, SmallFiles.open(folder.resolve("writing")),
                bounds,
                clock, random);
        for (String name : SmallFiles.names(folder)) {
            if (ID.matcher(name).matches()) {
                sessions.takeUp(name);
            }
        }
        sessions.expire();
        return sessions;
    }

    /** What cannot be gone on with goes. */
    private void takeUp(String id) throws IOException {
        Optional<UploadState> state = SmallFiles.read(state(id), UploadState::parse);
        if (state.isEmpty() || state.get().committed() > length(data(id))) {
            LOG.info("upload cannot be gone on with, discarded id={}", id);
            Files.deleteIfExists(data(id));
            forget(id);
            return;
        }
        space.takeAnyway(state.get().committed());
        uploads.put(id, new Upload(this, id, state.get()));
    }

    private static long length(Path data) throws IOException {
        return Files.exists(data) ? Files.size(data) : 0;
    }

    /** Begins an upload; nobody holds it. */
    Upload begin(RepositoryName repository, String algorithm) throws IOException {
        expire();
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        String id = HexFormat.of().formatHex(bytes);
        UploadState state = new UploadState(repository, algorithm, 0, now());
        Upload upload = new Upload(this, id, state);
        synchronized (this) {
            if (closed) {
                throw new DistributionException(DistributionError.UNAVAILABLE, "the registry is shutting down");
            }
            if (uploads.size() >= bounds.count()) {
                throw new DistributionException(DistributionError.TOOMANYREQUESTS,
                        "there are " + bounds.count() + " uploads under way already; finish some, or wait")
                    .with("Retry-After", "5");
            }
            uploads.put(id, upload);
        }
        try {
            Files.createDirectory(folder.resolve(id));
            note(id, state);
        } catch (IOException e) {
            forget(id);
            throw e;
        }
        return upload;
    }

    /**
     * Takes hold of an upload; the caller releases it.
     *
     * @throws DistributionException when there is none of that id, or another request holds it
     */
    Upload hold(RepositoryName repository, String id) {
        Upload upload = Optional.ofNullable(uploads.get(id))
            .filter(u -> u.repository().equals(repository))
            .orElseThrow(() -> unknown(id));
        if (!upload.tryHold()) {
            throw new DistributionException(DistributionError.BLOB_UPLOAD_INVALID, 409,
                    "another request writes to this upload");
        }
        if (upload.isOver()) {
            upload.release();
            throw unknown(id);
        }
        return upload;
    }

    /** Ends the uploads that nobody has touched for too long. */
    public void expire() {
        Instant oldest = now().minus(bounds.idle());
        for (Upload upload : uploads.values()) {
            if (upload.touched().isBefore(oldest) && upload.tryHold()) {
                try {
                    endWhenIdle(upload, oldest);
                } catch (IOException e) {
                    LOG.warn("cannot discard an upload repository={}", upload.repository(), e);
                } finally {
                    upload.release();
                }
            }
        }
    }

    /** Looks again now that nobody else can touch it. */
    private static void endWhenIdle(Upload upload, Instant oldest) throws IOException {
        if (upload.touched().isBefore(oldest) && !upload.isOver()) {
            LOG.info("upload expired repository={} bytes={}", upload.repository(), upload.written());
            upload.end();
        }
    }

    /** Begins no more, and leaves all uploads to the next process. Waits for requests that hold one. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        for (Upload upload : uploads.values()) {
            upload.awaitHold();
            try {
                upload.suspend();
            } catch (IOException e) {
                LOG.warn("cannot leave an upload to the next process repository={}", upload.repository(), e);
            } finally {
                upload.release();
            }
        }
        try {
            files.close();
        } catch (IOException e) {
            LOG.warn("cannot remove the folder of files being written", e);
        }
    }

    PartialBlobs content() {
        return content;
    }

    UploadSpace space() {
        return space;
    }

    Instant now() {
        return clock.instant();
    }

    Path data(String id) {
        return folder.resolve(id).resolve("data");
    }

    private Path state(String id) {
        return folder.resolve(id).resolve("state");
    }

    /** Writes the state for the next process; a power cut may forget it. */
    void note(String id, UploadState state) throws IOException {
        files.writeUnsynced(state(id), state.text());
    }

    /** Writes the state durably. */
    void remember(String id, UploadState state) throws IOException {
        files.write(state(id), state.text());
        DurableFiles.syncDirectory(folder);
    }

    /** An upload is gone when its state is; a folder without one is removed by the next start at the latest. */
    void forget(String id) throws IOException {
        Files.deleteIfExists(state(id));
        Files.deleteIfExists(folder.resolve(id));
        uploads.remove(id);
    }

    private static DistributionException unknown(String id) {
        String shown = id.length() <= 64 ? id : id.substring(0, 64) + "…";
        return new DistributionException(DistributionError.BLOB_UPLOAD_UNKNOWN,
                "there is no upload " + shown + " here; it may have expired. Begin again");
    }
}
