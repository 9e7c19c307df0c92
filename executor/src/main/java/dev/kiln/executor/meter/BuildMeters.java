package dev.kiln.executor.meter;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import dev.kiln.metrics.Durations;
import dev.kiln.queue.event.BuildEvent;

/**
 * Builds as an executor sees them. Each build's end is counted once on the whole farm, by the executor that told it. Safe
 * for many threads.
 */
public final class BuildMeters {
    private static final String SUCCEEDED = "succeeded";
    private static final String FAILED = "failed";
    private static final String CANCELLED = "cancelled";
    private static final String NO_REASON = "none";

    private final MeterRegistry registry;
    private final Map<Result, Counter> ended;
    private final Map<String, Timer> durations;
    private final Map<Ending, Counter> attempts;
    private final Counter redeliveries;
    private final Counter troubles;
    private final Timer wait;
    private final Timer pushed;
    private final Timer notPushed;

    /** What became of a claim when its attempt was over. */
    public enum Ending {
        /** The build has an outcome. */
        COMPLETED,
        /** The build is to be tried again. */
        HANDED_BACK,
        /** The queue may have given the build to another executor. */
        LOST
    }

    private record Result(String outcome, String reason) {}

    BuildMeters(MeterRegistry registry) {
        this.registry = registry;
        ended = results().collect(Collectors.toMap(Function.identity(), this::builds));
        durations = Stream.of(SUCCEEDED, FAILED, CANCELLED)
            .collect(Collectors.toMap(Function.identity(), outcome -> Durations
                .histogram("kiln.build.duration", "From the begin of the attempt that ended a build to its end")
                .tag("outcome", outcome)
                .register(registry)));
        attempts = Arrays.stream(Ending.values())
            .collect(Collectors.toMap(Function.identity(), this::attempts));
        redeliveries = Counter.builder("kiln.redeliveries")
            .description("Claims of builds that had been handed out before")
            .register(registry);
        troubles = Counter.builder("kiln.queue.troubles")
            .description("Times that a slot lost the queue and opened it again")
            .register(registry);
        wait = Durations.histogram("kiln.build.wait", "From the acceptance of a build to its first attempt")
            .register(registry);
        pushed = pushes("succeeded");
        notPushed = pushes("failed");
    }

    private static Stream<Result> results() {
        return Stream.concat(Stream.of(new Result(SUCCEEDED, NO_REASON), new Result(CANCELLED, NO_REASON)),
                Arrays.stream(BuildEvent.Reason.values()).map(reason -> new Result(FAILED, word(reason))));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Counter builds(Result result) {
        return Counter.builder("kiln.builds")
            .description("Builds that ended")
            .tag("outcome", result.outcome)
            .tag("reason", result.reason)
            .register(registry);
    }

    private Counter attempts(Ending ending) {
        return Counter.builder("kiln.attempts")
            .description("Attempts that this executor made, by what became of them")
            .tag("ending", word(ending))
            .register(registry);
    }

    private Timer pushes(String outcome) {
        return Durations
            .histogram("kiln.push.duration", "From the completion of images until all their names are out")
            .tag("outcome", outcome)
            .register(registry);
    }

    /** How many builds run here, of how many that may. */
    public void slots(int total, IntSupplier busy) {
        Gauge.builder("kiln.slots", () -> total).description("Builds that may run here at a time").register(registry);
        Gauge.builder("kiln.slots.busy", busy::getAsInt).description("Builds that run here").register(registry);
    }

    /**
     * How the disk gate stands.
     *
     * @param floor bytes that must be free for a build to begin
     */
    public void gate(long floor, IntSupplier waiting) {
        Gauge.builder("kiln.disk.floor", () -> floor)
            .description("What must be free of the executor's disk for a build to begin")
            .baseUnit("bytes")
            .register(registry);
        Gauge.builder("kiln.builds.waiting.for.disk", waiting::getAsInt)
            .description("Builds that hold a slot and wait for space on the executor's disk")
            .register(registry);
    }

    /**
     * An attempt begins.
     *
     * @param delivery 1 for the first, as the queue counts
     * @param waited since the build was accepted, as far as the clocks of both hosts agree
     */
    public void began(int delivery, Duration waited) {
        if (delivery > 1) {
            redeliveries.increment();
        } else {
            wait.record(waited.isNegative() ? Duration.ZERO : waited);
        }
    }

    /** An attempt is over. */
    public void over(Ending ending) {
        at(attempts, ending).increment();
    }

    /**
     * A build has ended, and everybody can know it.
     *
     * @param took empty for a build that ended without an attempt
     */
    public void ended(BuildEvent.Final end, Optional<Duration> took) {
        Result result = switch (end) {
            case BuildEvent.Succeeded _ -> new Result(SUCCEEDED, NO_REASON);
            case BuildEvent.Failed failed -> new Result(FAILED, word(failed.reason()));
            case BuildEvent.Cancelled _ -> new Result(CANCELLED, NO_REASON);
        };
        at(ended, result).increment();
        took.ifPresent(time -> at(durations, result.outcome).record(time));
    }

    /** The images of a build went out, or failed to. */
    public void pushed(Duration took, boolean well) {
        (well ? pushed : notPushed).record(took);
    }

    /** A slot lost the queue. */
    public void troubled() {
        troubles.increment();
    }

    private static <K, V> V at(Map<K, V> meters, K key) {
        V meter = meters.get(key);
        if (meter == null) {
            throw new IllegalStateException("no meter for " + key);
        }
        return meter;
    }
}
