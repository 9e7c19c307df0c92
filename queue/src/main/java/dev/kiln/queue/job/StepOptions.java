package dev.kiln.queue.job;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

import static dev.kiln.queue.job.Checks.check;

/**
 * How the steps of a build run.
 *
 * @param network of steps that do not say; absent means the executor's default
 * @param hosts lines that {@code /etc/hosts} gets, in order
 * @param sharedMemory bytes of {@code /dev/shm}; absent means 64 MiB
 * @param entitlements what the request asks for beyond the usual sandbox; an executor must be configured to grant it
 */
public record StepOptions(Optional<NetworkMode> network, StepLimits limits, List<ExtraHost> hosts,
        OptionalLong sharedMemory, List<Ulimit> ulimits, Set<Entitlement> entitlements) {
    public static final StepOptions NONE = new StepOptions(Optional.empty(), StepLimits.DEFAULT, List.of(),
            OptionalLong.empty(), List.of(), Set.of());

    public StepOptions {
        hosts = List.copyOf(hosts);
        ulimits = List.copyOf(ulimits);
        entitlements = Collections.unmodifiableSet(entitlements.isEmpty()
                ? EnumSet.noneOf(Entitlement.class)
                : EnumSet.copyOf(entitlements));
        check(sharedMemory.isEmpty() || sharedMemory.getAsLong() > 0, "the size of /dev/shm must be more than 0");
        Set<String> limited = new TreeSet<>();
        ulimits.forEach(limit -> check(limited.add(limit.name()), "the ulimit " + limit.name() + " is given twice"));
    }
}
