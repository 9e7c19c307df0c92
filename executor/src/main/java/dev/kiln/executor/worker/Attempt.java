package dev.kiln.executor.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.meter.ExecutorMeters;
import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.lease.Keeper;
import dev.kiln.layercache.lease.Lease;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Notice;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.Job;

/**
 * One executor's try at a build. It runs on a thread of its own, which {@link #stop} interrupts; why it was stopped decides
 * what becomes of the build.
 */
final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
    /** A failure that may pass is tried so often in all. */
    static final int MAX_TRIES = 3;
    /** The wish to cancel comes by another way than the answer that it was made, and about as fast. */
    private static final Duration WISH_PATIENCE = Duration.ofSeconds(5);
    /** So often a build begins again after damage; one that finds more of it is told to its user. */
    private static final int MAX_DAMAGES = 20;

    /** What an attempt needs of the executor. */
    record Surroundings(EventLog events, BuildPipeline pipeline, BlobIngester store, InstantSource clock,
            String worker, Upkeep upkeep, ExecutorMeters meters) {}

    /**
     * What keeps the disk in order.
     *
     * @param leases one is held by each attempt, so that nothing goes that it uses
     * @param keeper is told of the end of an attempt
     * @param gate lets builds begin, and may end them
     */
    record Upkeep(Leases leases, Keeper keeper, DiskGate gate) {}

    /** Why an attempt is stopped. */
    sealed interface Stop {
        /** Somebody wished it; the build ends. */
        record Cancelled(String reason) implements Stop {}

        /** Another executor may have the build; this one says nothing more. */
        record Lost() implements Stop {}

        /** This executor goes away; the build is handed back. */
        record Shutdown() implements Stop {}

        /** The disk is nearly full; the build is tried elsewhere or later, or fails. */
        record Full(String words) implements Stop {}

        /** It took longer than it may; the build fails. */
        record Late(Duration limit) implements Stop {}
    }

    /** What is to be done with the claim. */
    enum Ending {
        COMPLETE, GIVE_BACK, NOTHING
    }

    private final Surroundings here;
    private final Job job;
    private final BuildRequest request;
    private final String name;
    private final int delivery;
    private final Thread thread;
    /** Guarded by this; set once. */
    private Optional<Stop> stop = Optional.empty();
    /** Guarded by this: the outcome is decided, a stop comes too late. */
    private boolean decided;
    private volatile Ending ending = Ending.NOTHING;
    private Instant begun = Instant.MIN;

    Attempt(Surroundings here, Job job, String name, int delivery) {
        this.here = here;
        this.job = job;
        this.request = job.request();
        this.name = name;
        this.delivery = delivery;
        this.thread = Thread.ofVirtual().name("build " + request.id()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Ends the attempt soon, unless its outcome is decided; only the first reason counts. */
    synchronized void stop(Stop why) {
        if (stop.isEmpty() && !decided) {
            stop = Optional.of(why);
            thread.interrupt();
        }
    }

    private synchronized Optional<Stop> whyStopped() {
        return stop;
    }

    private synchronized void decide() {
        decided = true;
        boolean _ = Thread.interrupted();
    }

    /** Waits for the end, which comes soon after the build's deadline, and says what to do with the claim. */
    Ending await() throws InterruptedException {
        Optional<Duration> limit = request.queueing().deadlines().build();
        if (limit.isPresent() && !thread.join(limit.get())) {
            stop(new Stop.Late(limit.get()));
        }
        thread.join();
        return ending;
    }

    private void run() {
        LogFields.run(Map.of(LogFields.BUILD, request.id().toString(), LogFields.ATTEMPT, name, LogFields.WORKER,
                here.worker()), this::runNamed);
    }

    private void runNamed() {
        begun = now();
        here.meters().builds().began(delivery, Duration.between(request.submitted(), begun));
        try (Lease _ = here.upkeep().leases().open();
                AttemptReporter reporter = new AttemptReporter(here.events(), request.id(), name, here.clock(),
                        here.store(), here.meters())) {
            ending = report(reporter);
        } catch (RuntimeException e) {
            LOG.error("build={} attempt={} ended without an outcome", request.id(), name, e);
            ending = Ending.GIVE_BACK;
        } finally {
            here.upkeep().keeper().soon();
        }
    }

    private Ending report(AttemptReporter reporter) {
        reporter.report(new BuildEvent.Started(request.id(), now(), name, here.worker(), delivery));
        try {
            return verdict(reporter).carryOut();
        } catch (QueueException e) {
            LOG.warn("build={} attempt={} cannot tell whether it may publish", request.id(), name, e);
            return Ending.GIVE_BACK;
        } catch (InterruptedException e) {
            return switch (whyStopped().orElse(new Stop.Shutdown())) {
                case Stop.Cancelled cancelled -> end(reporter, cancelled(cancelled.reason()));
                case Stop.Lost _ -> Ending.NOTHING;
                case Stop.Shutdown _ -> Ending.GIVE_BACK;
                case Stop.Full full -> fail(reporter, new BuildFailed(BuildEvent.Reason.NO_SPACE, full.words(), e));
                case Stop.Late late -> fail(reporter, new BuildFailed(BuildEvent.Reason.TIMEOUT,
                        "the build took longer than the " + late.limit().toSeconds() + " s that it may (--timeout)",
                        e));
            };
        } catch (RuntimeException e) {
            if (!Causes.hasFullDisk(e)) {
                throw e;
            }
            LOG.warn("build={} attempt={} the disk is full", request.id(), name, e);
            return fail(reporter, new BuildFailed(BuildEvent.Reason.NO_SPACE, noSpace(String.valueOf(e.getMessage())),
                    e));
        }
    }

    private Outcome cancelled(String reason) {
        return log -> new BuildEvent.Cancelled(request.id(), now(), Optional.of(name), reason, log);
    }

    /** Ends the build, or leaves it to be tried again when that may help. */
    private Ending fail(AttemptReporter reporter, BuildFailed failure) {
        boolean mayPass = Causes.mayPass(failure);
        if (mayPass && delivery < MAX_TRIES) {
            LOG.warn("build={} attempt={} reason={} will be tried again", request.id(), name, failure.reason(),
                    failure);
            reporter.notice(Notice.of("AttemptFailed", "this attempt failed, and the build will be tried again (try "
                    + (delivery + 1) + " of " + MAX_TRIES + "): " + failure.message()));
            return Ending.GIVE_BACK;
        }
        String message = mayPass && delivery > 1
                ? failure.message() + "\n(tried " + delivery + " times)"
                : failure.message();
        return end(reporter, log -> new BuildEvent.Failed(request.id(), now(), Optional.of(name), failure.reason(),
                message, failure.vertex(), failure.exitCode(), mayPass, log));
    }

    private static String noSpace(String message) {
        return "no space left on the executor's disk: " + message + "; " + DiskGate.advice();
    }

    /** Makes the last event, given the blob of the log. */
    private interface Outcome {
        BuildEvent.Final with(Optional<Descriptor> log);
    }

    /** What is said when everything that the attempt used has been given back. */
    private interface Verdict {
        Ending carryOut();
    }

    /** Builds and publishes. */
    private Verdict verdict(AttemptReporter reporter) throws QueueException, InterruptedException {
        BuildId id = request.id();
        try {
            here.upkeep().gate().admit(words -> reporter.notice(Notice.of("DiskFull", words)));
        } catch (BuildFailed e) {
            LOG.warn("build={} attempt={} not begun", id, name, e);
            return () -> fail(reporter, e);
        }
        try (DiskGate.Running _ = here.upkeep().gate().enter(words -> stop(new Stop.Full(words)));
                BuildPipeline.Built built = build(reporter)) {
            Descriptor image = built.image();
            return switch (here.events().mayPublish(new BuildEvent.Publishing(id, now(), name, image.digest()))) {
                case GRANTED -> {
                    built.publish(reporter);
                    yield () -> end(reporter, log -> new BuildEvent.Succeeded(id, now(), Optional.of(name), image,
                            log));
                }
                case CANCELLED -> {
                    // Ends by an interrupt, with the words of the wish.
                    Thread.sleep(WISH_PATIENCE);
                    yield () -> end(reporter, cancelled("cancelled"));
                }
                case REFUSED -> {
                    LOG.warn("build={} attempt={} another attempt took over, nothing published", id, name);
                    yield () -> Ending.COMPLETE;
                }
            };
        } catch (BuildFailed e) {
            LOG.info("build={} attempt={} reason={} failed", id, name, e.reason(), e);
            return () -> fail(reporter, explained(e));
        }
    }

    /** With what the executor knows of its disk. */
    private BuildFailed explained(BuildFailed e) {
        if (Causes.hasFullDisk(e)) {
            return new BuildFailed(BuildEvent.Reason.NO_SPACE, noSpace(e.message()), e.vertex(), e.exitCode(), e);
        }
        String hint = here.upkeep().gate().hint();
        return hint.isEmpty()
                ? e
                : new BuildFailed(e.reason(), e.message() + "\n" + hint, e.vertex(), e.exitCode(), e);
    }

    /** Builds, and again without what turned out to be damaged: each time that is found, it is gone. */
    private BuildPipeline.Built build(AttemptReporter reporter) throws BuildFailed, InterruptedException {
        for (int again = 0;; again++) {
            try {
                return here.pipeline().build(job, reporter);
            } catch (BuildFailed e) {
                if (!Causes.hasDamage(e) || again == MAX_DAMAGES) {
                    throw e;
                }
                LOG.warn("build={} attempt={} begins again, without content that was damaged", request.id(), name, e);
                reporter.notice(Notice.of("DamagedContent", "something in the cache was damaged and has been removed;"
                        + " the build begins again without it: " + e.message()));
            }
        }
    }

    private Ending end(AttemptReporter reporter, Outcome outcome) {
        decide();
        try {
            Optional<Descriptor> log = keepLog(reporter, outcome.with(Optional.empty()));
            BuildEvent.Final last = outcome.with(log);
            var _ = here.events().append(last);
            here.events().flush();
            here.meters().builds().ended(last, Optional.of(Duration.between(begun, now())));
            return Ending.COMPLETE;
        } catch (QueueException e) {
            LOG.error("build={} attempt={} its outcome could not be told", request.id(), name, e);
            return Ending.GIVE_BACK;
        }
    }

    /** Without it the log is still in the events, for as long as those are kept. */
    private Optional<Descriptor> keepLog(AttemptReporter reporter, BuildEvent.Final end) {
        try {
            Descriptor log = reporter.keepLog(end);
            here.pipeline().keepLog(request.id(), log);
            return Optional.of(log);
        } catch (IOException e) {
            LOG.warn("build={} attempt={} its log is kept in the events only", request.id(), name, e);
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private Instant now() {
        return here.clock().instant();
    }
}
