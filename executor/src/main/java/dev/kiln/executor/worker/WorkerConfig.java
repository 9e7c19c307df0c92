package dev.kiln.executor.worker;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.layercache.registry.HostSettings;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.secret.FarmKey;

/**
 * The settings of an executor.
 *
 * @param name what events call it
 * @param data the folder of snapshots, cache and unpacked contexts
 * @param remotes what is fetched from git and over HTTP
 */
public record WorkerConfig(String name, Path data, Farm farm, Capacity capacity, Steps steps, Registries registries,
        RemotePolicy remotes) {

    /**
     * The farm that it belongs to.
     *
     * @param address where the farm's API and registry answer
     * @param token that the farm wants
     * @param secretKey opens the secrets of builds; without one, builds with secrets fail here
     */
    public record Farm(URI address, Optional<String> token, Optional<FarmKey> secretKey) {

        /** Prints itself without the token. */
        @Override
        public String toString() {
            return "Farm[address=" + address + "]";
        }
    }

    /**
     * How much it does at a time, and how much it keeps.
     *
     * @param slots builds
     * @param steps steps, over all builds
     * @param keeping how much it keeps on its disk
     */
    public record Capacity(int slots, int steps, Keeping keeping) {
        public Capacity(int slots, int steps) {
            this(slots, steps, Keeping.STANDARD);
        }

        public Capacity {
            if (slots < 1 || steps < 1) {
                throw new IllegalArgumentException("an executor needs at least one slot for builds and one for steps");
            }
        }
    }

    /**
     * How steps run.
     *
     * @param network of steps that do not say; absent means private where its parts are installed, else the host's
     * @param limits of a step that does not say
     * @param runtimes OCI runtimes by name or path, the first that works is used
     * @param entitlements what a request may ask for beyond the usual sandbox
     */
    public record Steps(Optional<NetworkMode> network, ProcessSpec.Limits limits, List<String> runtimes,
            Set<Entitlement> entitlements) {
        public Steps {
            runtimes = List.copyOf(runtimes);
            entitlements = Set.copyOf(entitlements);
        }
    }

    /**
     * Registries beside the farm's.
     *
     * @param plainHttp those that speak HTTP without TLS, with their port
     * @param dockerConfig Docker's config.json with credentials
     * @param hosts what is special about single ones, as a {@link RegistriesFile} says it
     * @param shareBases whether executors hand each other layers of base images through the farm's registry
     * @param shareSteps whether they do so with results of steps
     */
    public record Registries(Set<String> plainHttp, Optional<Path> dockerConfig, Map<String, HostSettings> hosts,
            boolean shareBases, boolean shareSteps) {
        public Registries {
            plainHttp = Set.copyOf(plainHttp);
            hosts = Map.copyOf(hosts);
        }

        public Registries(Set<String> plainHttp, Optional<Path> dockerConfig) {
            this(plainHttp, dockerConfig, Map.of(), false, false);
        }
    }
}
