package dev.kiln.api.builds;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.api.http.ProblemException;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.BacklogEntry;
import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.ReservedNames;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.FarmKey;
import dev.kiln.queue.secret.UnsealException;

/** Accepts builds and wishes to cancel them. Safe for many threads. */
public final class BuildService {
    private static final Logger LOG = LoggerFactory.getLogger(BuildService.class);
    private static final Duration QUEUED_PATIENCE = Duration.ofSeconds(5);
    /** Builds whose first event the broker has not confirmed; more are refused, so that they do not fill the memory. */
    private static final int MAX_UNCONFIRMED = 256;
    private static final Duration RECORD_PATIENCE = Duration.ofSeconds(2);

    private final Queues queues;
    private final Contexts contexts;
    private final BuildLedger ledger;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Optional<FarmKey> key;
    private final int maxWaiting;
    private final Semaphore room = new Semaphore(MAX_UNCONFIRMED);

    /**
     * @param random must be hard to guess, and safe for many threads
     * @param key that seals secrets; without one, builds with secrets are refused
     * @param maxWaiting builds that were accepted and have not ended; more are refused
     */
    public BuildService(Queues queues, Contexts contexts, BuildLedger ledger, InstantSource clock,
            RandomGenerator random, Optional<FarmKey> key, int maxWaiting) {
        this.queues = queues;
        this.contexts = contexts;
        this.ledger = ledger;
        this.clock = clock;
        this.random = random;
        this.key = key;
        this.maxWaiting = maxWaiting;
    }

    /** Makes the request that is submitted, once it has a name and a time. */
    @FunctionalInterface
    public interface Form {
        BuildRequest fill(BuildId id, Instant submitted);
    }

    /**
     * Accepts a build. When this returns, the build survives the loss of any process: its place in the backlog and its event
     * {@code queued} are durable; so is its record, unless the broker is slow to take it, and then it is put later or,
     * after a crash, by the next process that reads the event.
     *
     * @param secrets those that the request names; sealed here, and kept in no other form
     * @throws ProblemException when the Dockerfile, the context or a name is refused, or secrets cannot be sealed
     * @throws QueueException when the broker does not confirm in time; the build may then run or not, and is shown as
     *         cancelled if it is shown at all
     */
    public BuildRecord submit(Form form, BuildSecrets secrets)
            throws QueueException, IOException, InterruptedException {
        if (queues.backlogs().open().size() >= maxWaiting) {
            throw new ProblemException(BuildProblem.QUEUE_FULL,
                    maxWaiting + " builds wait or run already, which is as many"
                            + " as this farm takes; send it again when some have ended, or have queueLimit raised")
                .retryAfter(Duration.ofSeconds(30));
        }
        BuildRequest request = form.fill(BuildId.create(clock.instant(), random), clock.instant());
        checkNames(request);
        contexts.checkDockerfile(request);
        Job job = seal(request, secrets);
        CompletableFuture<Long> queued = appendQueued(request);
        CompletableFuture<Void> recorded = queued
            .thenComposeAsync(position -> ledger.accepted(request, position), Thread::startVirtualThread);
        try {
            queues.backlogs().open().put(BacklogEntry.waiting(job, clock.instant()));
            await(queued, request.id());
            settle(recorded, request.id());
        } catch (QueueException e) {
            withdraw(request.id(), queued);
            throw e;
        }
        LOG.info("build accepted build={} names={}", request.id(), request.output().names());
        return ledger.get(request.id());
    }

    /**
     * Accepts a job of a build that has ended once more, as a build of its own with a new id.
     *
     * @throws ProblemException when its context or its secrets are gone, or as {@link #submit}
     */
    public BuildId again(Job job) throws QueueException, IOException, InterruptedException {
        for (Digest context : BuildBlobs.of(job.request()).toList()) {
            var _ = contexts.require(context);
        }
        BuildRecord record = submit((id, now) -> job.request().as(id, now), secrets(job));
        return record.id();
    }

    /** Secrets are sealed for one build alone. */
    private BuildSecrets secrets(Job job) throws IOException {
        if (job.secrets().isEmpty()) {
            return BuildSecrets.NONE;
        }
        try (InputStream sealed = contexts.content().open(job.secrets().get().digest())) {
            return key.orElseThrow(BuildService::noKey)
                .open(job.request().id(), sealed.readNBytes(FarmKey.MAX_SEALED));
        } catch (UnsealException | ContentException e) {
            throw new ProblemException(BuildProblem.NO_SECRET_KEY, "the secrets of the build " + job.request().id()
                    + " cannot be opened: " + e.getMessage() + "; submit the build anew with its secrets", e);
        }
    }

    private static ProblemException noKey() {
        return new ProblemException(BuildProblem.NO_SECRET_KEY,
                "this farm has no key to seal secrets with: set KILN_SECRET_KEY, the same for the API and for every"
                        + " executor");
    }

    /** An executor knows more names of the farm, and looks again. */
    private static void checkNames(BuildRequest request) {
        Optional<String> problem = ReservedNames.problem(request, _ -> false);
        if (problem.isPresent()) {
            throw new ProblemException(BuildProblem.RESERVED_NAME, problem.get());
        }
    }

    private Job seal(BuildRequest request, BuildSecrets secrets) throws IOException {
        if (secrets.isEmpty()) {
            return Job.of(request);
        }
        FarmKey sealing = key.orElseThrow(BuildService::noKey);
        return new Job(request, Optional.of(contexts.keep(sealing.seal(request.id(), secrets))));
    }

    /** Appends on a thread of its own: while the broker is away, an append may wait for longer than a client should. */
    private CompletableFuture<Long> appendQueued(BuildRequest request) throws QueueException {
        if (!room.tryAcquire()) {
            throw new QueueException(QueueException.Code.UNAVAILABLE,
                    "submit build: " + MAX_UNCONFIRMED + " builds wait for the broker's confirmation already");
        }
        CompletableFuture<Long> queued = CompletableFuture
            .supplyAsync(() -> queues.events()
                .append(new BuildEvent.Queued(request.id(), request.submitted(), request)), Thread::startVirtualThread)
            .thenCompose(stage -> stage);
        var unused = queued.whenComplete((_, _) -> room.release());
        return queued;
    }

    private static void await(CompletableFuture<Long> queued, BuildId build)
            throws QueueException, InterruptedException {
        try {
            var unused = queued.get(QUEUED_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new QueueException(QueueException.Code.UNAVAILABLE,
                    "tell of build " + build + ": the broker did not confirm the event in time", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QueueException cause) {
                throw cause;
            }
            throw new IllegalStateException("append failed in no known way", e);
        }
    }

    private static void settle(CompletableFuture<Void> recorded, BuildId build) throws InterruptedException {
        try {
            recorded.get(RECORD_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("build accepted before its record was put build={}", build);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a record failed in no known way", e);
        }
    }

    /** The client hears that the build was not accepted, so nobody shall wait for it. */
    private void withdraw(BuildId build, CompletableFuture<Long> queued) {
        String reason = "the broker did not confirm the build when it was submitted";
        var unused = queued.thenAcceptAsync(_ -> {
            try {
                queues.cancellations().request(new Cancellation(build, reason));
            } catch (QueueException e) {
                LOG.warn("cannot withdraw build={} cause={}", build, e.getMessage());
            }
            var appended = queues.events()
                .append(new BuildEvent.Cancelled(build, clock.instant(), Optional.empty(), reason, Optional.empty()));
            LOG.info("build withdrawn build={} pending={}", build, !appended.toCompletableFuture().isDone());
        }, Thread::startVirtualThread);
    }

    /**
     * Notes the wish durably: when this returns, no attempt can begin to publish any more.
     *
     * @throws ProblemException {@code NOT_FOUND} or {@code BUILD_ENDED}
     */
    public BuildRecord cancel(BuildId build, String reason) throws QueueException, InterruptedException {
        BuildRecord record = ledger.get(build);
        if (record.outcome().isPresent()) {
            throw new ProblemException(BuildProblem.BUILD_ENDED,
                    "the build " + build + " has " + BuildState.of(record).word()
                            + " already; nothing is left to cancel");
        }
        await(queues.events()
            .append(new BuildEvent.CancelRequested(build, clock.instant(), reason))
            .toCompletableFuture(), build);
        queues.cancellations().request(new Cancellation(build, reason));
        LOG.info("cancel requested build={}", build);
        return record;
    }
}
