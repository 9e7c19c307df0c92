package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.layercache.oci.Platform;

/**
 * What a request adds to a Dockerfile.
 *
 * @param target name, or else number, of the stage to build; absent means the last
 * @param labels set on the image after those of the Dockerfile
 * @param project what the Dockerfile belongs to, see {@link dev.kiln.executor.graph.StepOrigin}
 */
public record FrontendOptions(Contexts contexts, Optional<String> target, Map<String, String> buildArgs,
        Map<String, String> labels, Platforms platforms, Steps steps, NoCache noCache, String project) {

    /** Of no known project. */
    public FrontendOptions(Contexts contexts, Optional<String> target, Map<String, String> buildArgs,
            Map<String, String> labels, Platforms platforms, Steps steps, NoCache noCache) {
        this(contexts, target, buildArgs, labels, platforms, steps, noCache, "");
    }

    public FrontendOptions {
        buildArgs = Map.copyOf(buildArgs);
        labels = Map.copyOf(labels);
    }

    /**
     * Where files come from.
     *
     * @param main what the request said
     * @param files what was found there, see {@link DockerfileFrontend#lookUp}
     * @param named by name
     * @param ignored what the client left out of the main context; it matters only for what is found fault with
     */
    public record Contexts(ContextSpec main, ContextSource files, Map<String, ContextSpec> named,
            Optional<IgnorePatterns> ignored) {

        public Contexts {
            named = Map.copyOf(named);
        }
    }

    /**
     * @param build what the executor is
     * @param targets what the image is for, an image for each; empty means one, for whatever its base is for, or else
     *        {@code build}
     */
    public record Platforms(Platform build, List<Platform> targets) {

        public Platforms {
            build = build.normalized();
            targets = targets.stream().map(Platform::normalized).distinct().toList();
        }

        /** What the only image is for, when that is said. */
        Optional<Platform> target() {
            if (targets.size() > 1) {
                throw new IllegalStateException("one image after the other is translated");
            }
            return targets.stream().findFirst();
        }

        Platform wanted() {
            return target().orElse(build);
        }
    }

    /** The same for one of the platforms. */
    FrontendOptions only(Platform platform) {
        return new FrontendOptions(contexts, target, buildArgs, labels,
                new Platforms(platforms.build, List.of(platform)),
                steps, noCache, project);
    }

    /** What a step may do only when both the request and the executor allow it. */
    public enum Entitlement {
        NETWORK_HOST("network.host"), SECURITY_INSECURE("security.insecure");

        private final String word;

        Entitlement(String word) {
            this.word = word;
        }

        /** As people write it. */
        public String word() {
            return word;
        }
    }

    /**
     * How steps run.
     *
     * @param network of steps that do not say
     * @param hosts names added to {@code /etc/hosts}
     * @param sharedMemory bytes of {@code /dev/shm}
     */
    public record Steps(OpSpec.Network network, Set<Entitlement> allowed, List<String> hosts,
            OptionalLong sharedMemory, List<Sandbox.Ulimit> ulimits) {

        public Steps {
            allowed = Set.copyOf(allowed);
            hosts = hosts.stream().sorted().distinct().toList();
            ulimits = List.copyOf(ulimits);
        }

        /** Nothing beyond the usual. */
        public static Steps on(OpSpec.Network network) {
            return new Steps(network, Set.of(), List.of(), OptionalLong.empty(), List.of());
        }
    }

    /**
     * Which steps run again although their result is known.
     *
     * @param all every step
     * @param stages those of the stages of these names, in any case of letters
     */
    public record NoCache(boolean all, Set<String> stages) {
        public static final NoCache NONE = new NoCache(false, Set.of());

        public NoCache {
            stages = Set.copyOf(stages);
        }

        boolean holdsFor(Optional<String> stage) {
            return all || stage.isPresent() && stages.stream().anyMatch(stage.get()::equalsIgnoreCase);
        }
    }
}
