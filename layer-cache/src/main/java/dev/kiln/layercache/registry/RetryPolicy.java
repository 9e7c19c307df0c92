package dev.kiln.layercache.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.random.RandomGenerator;

import dev.kiln.layercache.content.ContentException;

/**
 * When to try again: after a pause that doubles each time, shortened by chance so that many clients do not come back at
 * once, but never shorter than what the registry asked for.
 *
 * @param attempts tries in all, the first included
 * @param first pause before the second try
 * @param longest no pause is longer; a registry that asks for a longer one is not tried again
 */
public record RetryPolicy(int attempts, Duration first, Duration longest, RandomGenerator random, Sleeper sleeper) {

    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("at least one attempt");
        }
    }

    /** Waits; a test's clock does not. */
    public interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    interface Call<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Five tries within about fifteen seconds. */
    public static RetryPolicy standard() {
        return new RetryPolicy(5, Duration.ofMillis(500), Duration.ofSeconds(30), RandomGenerator.getDefault(),
                Thread::sleep);
    }

    /** The same, of which {@code meter} hears. */
    RetryPolicy heardBy(RegistryMeter meter) {
        return new RetryPolicy(attempts, first, longest, random, time -> {
            sleeper.sleep(time);
            meter.retried();
        });
    }

    /** A call that takes part in counting its tries. */
    interface Counted<T> {
        T run(Tries tries) throws IOException, InterruptedException;
    }

    <T> T run(Call<T> call) throws IOException, InterruptedException {
        return counted(tries -> call.run());
    }

    <T> T counted(Counted<T> call) throws IOException, InterruptedException {
        Tries tries = new Tries(this);
        while (true) {
            try {
                return call.run(tries);
            } catch (RegistryException | ContentException e) {
                tries.failed(e);
            }
        }
    }

    Duration pause(int attempt, Duration atLeast) {
        Duration full = first.multipliedBy(1L << Math.min(attempt - 1, 20));
        Duration bounded = full.compareTo(longest) > 0 ? longest : full;
        Duration jittered = Duration.ofNanos((long) (bounded.toNanos() * random.nextDouble(0.5, 1.0)));
        return jittered.compareTo(atLeast) < 0 ? atLeast : jittered;
    }
}
