package dev.kiln.executor.op;

import java.util.List;

import dev.kiln.executor.runtime.ProcessSpec;

/**
 * How a build's processes run, as far as that does not change what they make: no key knows it.
 *
 * @param network where the step leaves it to the executor
 * @param proxyEnv {@code KEY=value} beyond the step's own environment
 */
public record RunSettings(ProcessSpec.Network network, ProcessSpec.Limits limits, List<String> proxyEnv) {

    public RunSettings {
        proxyEnv = List.copyOf(proxyEnv);
    }
}
