package dev.kiln.dockerfile.fuzz;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Feeds a subject with files, good and damaged, until the time is over or something does not hold. Every input follows from
 * its seed alone. The inputs run on a thread of their own, so that one that does not end is found, too.
 */
final class Fuzzer {

    private final Subject subject;
    private final Duration budget;
    private final Duration longest;
    private final AtomicReference<Case> current = new AtomicReference<>(new Case(0, new byte[0], Long.MAX_VALUE));
    private final AtomicReference<Finding> found = new AtomicReference<>();
    private volatile long cases;

    private record Case(long seed, byte[] input, long startNanos) {}

    /** @param longest how long one input may take */
    Fuzzer(Subject subject, Duration budget, Duration longest) {
        this.subject = subject;
        this.budget = budget;
        this.longest = longest;
    }

    long cases() {
        return cases;
    }

    Optional<Finding> run(long firstSeed) throws InterruptedException {
        long end = System.nanoTime() + budget.toNanos();
        Thread worker = Thread.ofPlatform().daemon().start(() -> work(firstSeed, end));
        while (worker.isAlive()) {
            worker.join(20);
            Case running = current.get();
            if (System.nanoTime() - running.startNanos > longest.toNanos() && running.startNanos != Long.MAX_VALUE) {
                return Optional.of(new Finding(running.seed, running.input, "does not end in " + longest));
            }
        }
        return Optional.ofNullable(found.get());
    }

    private void work(long firstSeed, long end) {
        for (long seed = firstSeed; System.nanoTime() < end; seed++) {
            byte[] input = input(seed);
            current.set(new Case(seed, input, System.nanoTime()));
            Optional<String> violation = Properties.check(subject, input);
            if (violation.isPresent()) {
                found.set(new Finding(seed, input, violation.get()));
                return;
            }
            cases++;
        }
        current.set(new Case(0, new byte[0], Long.MAX_VALUE));
    }

    /** Every third file is as generated; the others are damaged; some are cut to nothing. */
    static byte[] input(long seed) {
        Random random = new Random(seed);
        byte[] file = new Generator(random).file().getBytes(StandardCharsets.UTF_8);
        return switch (random.nextInt(6)) {
            case 0, 1 -> file;
            case 2 -> Arrays.copyOf(file, random.nextInt(file.length + 1));
            default -> new Mutator(random).mutate(file);
        };
    }
}
