package dev.kiln.queue.job;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one step may use at most; an absent limit is the executor's default.
 *
 * @param memoryBytes memory and swap together
 * @param cpus processors, may be a fraction
 * @param pids processes and threads
 */
public record StepLimits(OptionalLong memoryBytes, OptionalDouble cpus, OptionalLong pids) {
    public static final StepLimits DEFAULT = new StepLimits(OptionalLong.empty(), OptionalDouble.empty(),
            OptionalLong.empty());

    public StepLimits {
        check(memoryBytes.isEmpty() || memoryBytes.getAsLong() >= 4 << 20, "memory limit below 4 MiB");
        check(cpus.isEmpty() || cpus.getAsDouble() >= 0.01 && cpus.getAsDouble() <= 4096,
                "cpu limit outside 0.01–4096");
        check(pids.isEmpty() || pids.getAsLong() >= 1, "pids limit below 1");
    }

    private static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }
}
