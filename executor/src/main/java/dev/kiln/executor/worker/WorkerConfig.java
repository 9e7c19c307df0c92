package dev.kiln.executor.worker;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.queue.job.NetworkMode;

/**
 * The settings of an executor.
 *
 * @param name what events call it
 * @param data the folder of snapshots, cache and unpacked contexts
 * @param farm where the farm's API and registry answer
 * @param token that the farm wants
 * @param slots builds at a time
 * @param steps steps at a time, over all builds
 * @param network of steps that do not say; absent means private where its parts are installed, else the host's
 * @param limits of a step that does not say
 * @param runtimes OCI runtimes by name or path, the first that works is used
 * @param plainHttp registries that speak HTTP without TLS, with their port
 * @param dockerConfig Docker's config.json with credentials for registries
 * @param remotes what is fetched from git and over HTTP
 */
public record WorkerConfig(String name, Path data, URI farm, Optional<String> token, int slots, int steps,
        Optional<NetworkMode> network, ProcessSpec.Limits limits, List<String> runtimes, Set<String> plainHttp,
        Optional<Path> dockerConfig, RemotePolicy remotes) {

    public WorkerConfig {
        runtimes = List.copyOf(runtimes);
        plainHttp = Set.copyOf(plainHttp);
        if (slots < 1 || steps < 1) {
            throw new IllegalArgumentException("an executor needs at least one slot for builds and one for steps");
        }
    }

    /** Prints itself without the token. */
    @Override
    public String toString() {
        return "WorkerConfig[name=" + name + ", data=" + data + ", farm=" + farm + ", slots=" + slots + ", steps="
                + steps + "]";
    }
}
