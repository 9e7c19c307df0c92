package dev.kiln.api.builds;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

import dev.kiln.api.http.Call;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.context.ContextUpload;
import dev.kiln.layercache.layer.ContextArchive;
import dev.kiln.layercache.layer.ContextSummary;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.SealedSecrets;

/**
 * The files of builds, kept as the tars they came in, or apart from their names (see {@link SentContexts}). A tar is looked
 * at while it comes, entry by entry, and becomes a blob only when all of it came and nothing in it is refused; so a refused
 * one leaves nothing, and takes away nothing that was there. Safe for many threads.
 */
public final class Contexts {
    private static final Set<String> TYPES = Set.of("", "application/x-tar", "application/gzip", "application/x-gzip",
            "application/zstd", "application/octet-stream");
    private static final String USUAL_DOCKERFILE = "Dockerfile";
    private static final int BUFFER = 64 << 10;

    private final ContentStore content;
    private final long limit;
    private final Executor threads;
    private final ContextArchive archive = new ContextArchive(ExtractLimits.CONTEXT);
    private final DockerfileCheck dockerfiles;
    private final SentContexts sent;

    /**
     * @param limit bytes that a context may have, as it is sent
     * @param threads gives each task a thread that may block, at once
     */
    public Contexts(ContentStore content, long limit, Executor threads) {
        this.content = content;
        this.limit = limit;
        this.threads = threads;
        this.dockerfiles = new DockerfileCheck(content, archive);
        this.sent = new SentContexts(content, limit);
    }

    BlobReader content() {
        return content;
    }

    /** The context of this digest; {@code NOT_FOUND} when it is not here. */
    ContextRef.Uploaded find(Digest digest) throws IOException {
        return lookUp(digest).orElseThrow(
                () -> new ProblemException(HttpProblem.NOT_FOUND, "there is no context " + digest + "; upload it"));
    }

    /** The context that a build names; {@code UNKNOWN_CONTEXT} when it is not here. */
    ContextRef.Uploaded require(Digest digest) throws IOException {
        return lookUp(digest).orElseThrow(() -> new ProblemException(BuildProblem.UNKNOWN_CONTEXT, "the context "
                + digest + " is not here; upload it with PUT /v1/contexts and submit the build again"));
    }

    private Optional<ContextRef.Uploaded> lookUp(Digest digest) throws IOException {
        OptionalLong size = content.size(digest);
        return size.isPresent() && sent.isWhole(digest)
                ? Optional.of(new ContextRef.Uploaded(digest, size.getAsLong()))
                : Optional.empty();
    }

    /** Keeps sealed secrets where executors fetch contexts from. */
    SealedSecrets keep(byte[] sealed) throws IOException {
        return new SealedSecrets(content.ingest(sealed), sealed.length);
    }

    /** Refuses a build whose Dockerfile is missing or cannot be built. */
    void checkDockerfile(BuildRequest request) throws IOException, InterruptedException {
        dockerfiles.check(request);
    }

    /**
     * Takes a call's body as a context.
     *
     * @param expected the digest that the body must have
     * @throws ProblemException {@code UNSUPPORTED_MEDIA_TYPE} or {@code TOO_LARGE}
     * @throws dev.kiln.layercache.layer.LayerException when the tar is refused
     */
    ContextRef.Uploaded upload(Call call, Optional<Digest> expected) throws IOException, InterruptedException {
        if (!TYPES.contains(call.contentType())) {
            throw new ProblemException(HttpProblem.UNSUPPORTED_MEDIA_TYPE,
                    "a context is a tar: send it as application/x-tar, application/gzip or application/zstd");
        }
        if (call.contentLength().orElse(0) > limit) {
            throw tooLarge();
        }
        try (BlobWriter blob = content.newBlob()) {
            ContextSummary summary = receive(call.body(), blob);
            long size = blob.written();
            Digest digest = blob.commit(expected);
            dockerfiles.remember(digest, USUAL_DOCKERFILE, summary);
            return new ContextRef.Uploaded(digest, size);
        }
    }

    /**
     * Takes a call's body as a context of which only a part comes along.
     *
     * @throws dev.kiln.layercache.layer.LayerException when it is refused
     */
    SentContexts.Answer receive(Call call) throws IOException {
        if (!call.contentType().equals(ContextUpload.MEDIA_TYPE)) {
            throw new ProblemException(HttpProblem.UNSUPPORTED_MEDIA_TYPE,
                    "parts of a context are sent as " + ContextUpload.MEDIA_TYPE + "; a tar is sent with PUT");
        }
        return sent.receive(call.body());
    }

    /** Writes the blob and has it looked at by another thread, which stops the upload as soon as it refuses. */
    private ContextSummary receive(InputStream body, BlobWriter blob) throws IOException, InterruptedException {
        Pipe pipe = new Pipe();
        CompletableFuture<ContextSummary> checked = CompletableFuture.supplyAsync(() -> check(pipe), threads);
        boolean whole = false;
        try {
            copy(body, blob, pipe, checked);
            whole = true;
        } finally {
            if (whole) {
                pipe.end();
            } else {
                pipe.breakOff();
            }
        }
        return result(checked);
    }

    private ContextSummary check(Pipe pipe) {
        try (pipe) {
            ContextSummary summary = archive.check(pipe, Set.of(USUAL_DOCKERFILE), DockerfileCheck.MAX_BYTES);
            pipe.transferTo(java.io.OutputStream.nullOutputStream());
            return summary;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private void copy(InputStream body, BlobWriter blob, Pipe pipe, CompletableFuture<ContextSummary> checked)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            if (blob.written() + n > limit) {
                throw tooLarge();
            }
            if (checked.isDone()) {
                var unused = result(checked);
            }
            blob.write(buffer, 0, n);
            pipe.send(buffer, n);
        }
    }

    private static ContextSummary result(CompletableFuture<ContextSummary> checked) throws IOException {
        try {
            return checked.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }

    private ProblemException tooLarge() {
        return new ProblemException(HttpProblem.TOO_LARGE, "a context may have " + limit
                + " bytes; leave out what the build does not need, for example with .dockerignore")
            .with("limit", limit);
    }
}
