package dev.kiln.layercache.registry;

import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.registry.Transport.Call;

/**
 * Brings one blob to a registry (OCI distribution-spec 1.1, "Pushing blobs").
 *
 * <p>The first try sends all in one request, which every registry knows and which costs the fewest round trips. When it
 * breaks, the registry is asked how much it has (GET of the upload's location), and the rest goes in chunks, so that what
 * arrived counts even when the connection breaks again and again. A registry that lost the upload, or that takes no
 * chunks, gets the blob from its start. Tries without progress are bounded, and so are all of them. For one thread.
 */
final class BlobUpload {
    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");
    /** How often a registry may forget an upload, or change its mind about where it is. */
    private static final int RESTARTS = 5;

    private final Endpoint to;
    private final Descriptor blob;
    private final BlobReader from;
    private final long chunk;
    private final Tries tries;
    private final String what;

    private Optional<URI> location = Optional.empty();
    private long offset;
    /** How far it ever came: to get there again after a loss is no progress. */
    private long farthest;
    private long smallestChunk;
    /** Whether something went wrong since the registry last said how much it has. */
    private boolean unsure;
    private boolean inChunks;
    private boolean chunksRefused;
    private int restarts;
    private boolean done;
    private Optional<IOException> unreadable = Optional.empty();

    /** @param chunk how many bytes go in one request once the first one broke; a smaller blob always goes in one */
    BlobUpload(Endpoint to, Descriptor blob, BlobReader from, long chunk, RetryPolicy retries) {
        this.to = to;
        this.blob = blob;
        this.from = from;
        this.chunk = chunk;
        this.tries = new Tries(retries);
        this.what = "pushing the blob " + blob.digest() + " of " + to;
    }

    /** @throws IOException what the local blob threw, when that could not be read; that is not tried again */
    void run() throws IOException, InterruptedException {
        while (!attempt()) {
            unsure = location.isPresent();
        }
    }

    /** False after a failure that another try may mend. */
    private boolean attempt() throws IOException, InterruptedException {
        try {
            if (unsure && recover()) {
                return true;
            }
            if (location.isEmpty()) {
                begin();
            }
            while (!done) {
                step();
            }
            return true;
        } catch (RegistryException e) {
            if (unreadable.isPresent()) {
                throw unreadable.get();
            }
            tries.failed(e);
            return false;
        }
    }

    private void step() throws IOException, InterruptedException {
        if (inChunks && offset < blob.size()) {
            patch();
        } else {
            put();
        }
    }

    private void begin() throws IOException, InterruptedException {
        Call call = to.push("POST", "pushing the blob " + blob.digest(), "blobs/uploads/");
        try (Answer answer = to.transport().send(call)) {
            if (answer.status() != 202) {
                throw to.failures().of(call, answer);
            }
            location = Optional.of(to.location(call, answer));
            offset = 0;
            smallestChunk = number(answer.header("OCI-Chunk-Min-Length"));
        }
    }

    private static long number(Optional<String> header) {
        return header.filter(text -> text.matches("[0-9]{1,18}")).map(Long::parseLong).orElse(0L);
    }

    /** Finds out what a failed try left. True when that is the whole blob. */
    private boolean recover() throws IOException, InterruptedException {
        if (blob.size() > chunk && !chunksRefused && location.isPresent() && stillThere()) {
            inChunks = true;
        } else {
            if (size().isPresent()) {
                return true;
            }
            startOver();
        }
        unsure = false;
        return false;
    }

    private OptionalLong size() throws IOException, InterruptedException {
        return Repository.size(to, blob.digest());
    }

    private void startOver() {
        location = Optional.empty();
        offset = 0;
        inChunks = blob.size() > chunk && !chunksRefused;
    }

    /** Asks how much of the upload the registry has; false when it knows nothing of it. */
    private boolean stillThere() throws IOException, InterruptedException {
        Call call = to.at(location.orElseThrow(), "GET", what + ": asking how much arrived");
        try (Answer answer = to.transport().send(call)) {
            if (answer.status() == 204 || answer.status() == 202 || answer.status() == 200) {
                OptionalLong has = has(answer);
                if (has.isPresent() && has.getAsLong() <= blob.size()) {
                    took(call, answer, has.getAsLong());
                    return true;
                }
                return false;
            }
            RegistryException failure = to.failures().of(call, answer);
            if (failure.retryable()) {
                throw failure;
            }
            return false;
        }
    }

    /** Bytes that the registry has, by its {@code Range}. Several say {@code 0-0} for none; one byte is sent again then. */
    private static OptionalLong has(Answer answer) {
        Matcher range = RANGE.matcher(answer.header("Range").orElse(""));
        if (!range.matches()) {
            return OptionalLong.empty();
        }
        long last = Long.parseLong(range.group(1));
        return OptionalLong.of(last == 0 ? 0 : last + 1);
    }

    private void took(Call call, Answer answer, long has) throws RegistryException {
        if (has > farthest) {
            tries.progress();
            farthest = has;
        }
        offset = has;
        if (answer.header("Location").isPresent()) {
            location = Optional.of(to.location(call, answer));
        }
    }

    private void patch() throws IOException, InterruptedException {
        long length = Math.min(Math.max(chunk, smallestChunk), blob.size() - offset);
        try (UploadBody body = new UploadBody(blob, from, offset, length)) {
            Call call = to.at(location.orElseThrow(), "PATCH", what)
                .ofBlob()
                .with("Content-Type", "application/octet-stream")
                .with("Content-Range", offset + "-" + (offset + length - 1))
                .with(body::publisher, length);
            try (Answer answer = send(call, body)) {
                switch (answer.status()) {
                    case 202, 201, 204 -> advance(call, answer, length);
                    case 400, 404, 405, 416, 501 -> refusedChunk(call, answer);
                    default -> throw to.failures().of(call, answer);
                }
            }
        }
    }

    private void advance(Call call, Answer answer, long length) throws RegistryException {
        long has = has(answer).orElse(offset + length);
        if (has <= offset || has > blob.size()) {
            throw new RegistryException(RegistryException.Code.UNAVAILABLE, what + ": the registry " + to.registry()
                    + " took a chunk and says that it has " + has + " bytes", OptionalInt.empty(), Optional.empty(),
                    null);
        }
        took(call, answer, has);
    }

    /** It is elsewhere, or lost the upload, or takes no chunks at all. */
    private void refusedChunk(Call call, Answer answer) throws IOException, InterruptedException {
        RegistryException refusal = to.failures().of(call, answer);
        if (answer.status() == 416 && ++restarts <= RESTARTS && stillThere()) {
            return;
        }
        chunksRefused |= offset == 0 || answer.status() == 405 || answer.status() == 501;
        beginAgain(refusal);
    }

    private void beginAgain(RegistryException reason) throws IOException, InterruptedException {
        if (++restarts > RESTARTS) {
            throw reason;
        }
        startOver();
        begin();
    }

    /** Sends what is missing, and says that this is all. */
    private void put() throws IOException, InterruptedException {
        long length = blob.size() - offset;
        URI end = Endpoint.with(location.orElseThrow(), "digest", blob.digest().toString());
        try (UploadBody body = new UploadBody(blob, from, offset, length)) {
            Call call = to.at(end, "PUT", what)
                .ofBlob()
                .with("Content-Type", "application/octet-stream")
                .with(body::publisher, length);
            try (Answer answer = send(call, body)) {
                switch (answer.status()) {
                    case 201 -> done = true;
                    case 400, 404, 416 -> refusedEnd(call, answer);
                    default -> throw to.failures().of(call, answer);
                }
            }
        }
    }

    /** What was put together of parts is not the blob for the registry; all in one piece may be. */
    private void refusedEnd(Call call, Answer answer) throws IOException, InterruptedException {
        RegistryException refusal = to.failures().of(call, answer);
        if (!inChunks) {
            throw refusal;
        }
        chunksRefused = true;
        beginAgain(refusal);
    }

    private Answer send(Call call, UploadBody body) throws IOException, InterruptedException {
        try {
            return to.transport().send(call);
        } catch (RegistryException e) {
            unreadable = body.failure();
            throw e;
        }
    }
}
