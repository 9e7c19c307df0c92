package dev.kiln.executor.graph;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.executor.graph.OpSpec.Network;
import dev.kiln.layercache.oci.Platform;

/**
 * What surrounds the process of a step, as far as it may change what the step makes.
 *
 * @param insecure all capabilities and devices, no system call filter: {@code --security=insecure}
 * @param hostname empty for the usual one
 * @param hosts names added to {@code /etc/hosts}, sorted; which addresses they have no key knows
 * @param sharedMemory bytes of {@code /dev/shm}; absent means 64 MiB
 * @param platform what the step's programs are for; absent means the executor's own
 */
public record Sandbox(Network network, boolean insecure, String hostname, List<String> hosts,
        OptionalLong sharedMemory, List<Ulimit> ulimits, Optional<Platform> platform) {

    /**
     * A limit of {@code setrlimit(2)}.
     *
     * @param name in lower case without {@code RLIMIT_}: {@code nofile}
     * @param soft -1 for unlimited
     * @param hard -1 for unlimited
     */
    public record Ulimit(String name, long soft, long hard) {}

    public Sandbox {
        hosts = List.copyOf(hosts);
        ulimits = List.copyOf(ulimits);
    }

    public static Sandbox of(Network network) {
        return new Sandbox(network, false, "", List.of(), OptionalLong.empty(), List.of(), Optional.empty());
    }
}
