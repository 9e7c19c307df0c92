package dev.kiln.executor.op;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.runtime.ProcessSpec;

/**
 * How a build's processes run, as far as that does not change what they make: no key knows it.
 *
 * @param network where the step leaves it to the executor
 * @param proxyEnv {@code KEY=value} beyond the step's own environment
 * @param hosts the addresses of all names that steps have added to {@code /etc/hosts}
 * @param secrets of the build
 * @param caches what new caches begin with
 * @param longest how long a process may run
 */
public record RunSettings(ProcessSpec.Network network, ProcessSpec.Limits limits, List<String> proxyEnv,
        Map<String, List<String>> hosts, StepSecrets secrets, CacheBeginnings caches,
        Optional<Duration> longest) {

    public RunSettings {
        proxyEnv = List.copyOf(proxyEnv);
        hosts = Map.copyOf(hosts);
    }

    /** Without added hosts, secrets and caches from elsewhere. */
    public RunSettings(ProcessSpec.Network network, ProcessSpec.Limits limits, List<String> proxyEnv) {
        this(network, limits, proxyEnv, Map.of(), StepSecrets.NONE, CacheBeginnings.NONE, Optional.empty());
    }
}
