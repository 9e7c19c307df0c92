package dev.kiln.layercache.oci;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The configuration of an image (OCI image-spec, config.md), with the fields Docker adds: Healthcheck, OnBuild, Shell,
 * ArgsEscaped.
 *
 * @param layers the diffIDs of {@code rootfs}, base first
 */
public record ImageConfig(Platform platform, Optional<Instant> created, Optional<String> author, RunConfig config,
        List<Digest> layers, List<History> history) {

    public ImageConfig {
        layers = List.copyOf(layers);
        history = List.copyOf(history);
    }

    /** An image without files and settings: {@code FROM scratch}. */
    public static ImageConfig empty(Platform platform) {
        return new ImageConfig(platform, Optional.empty(), Optional.empty(), RunConfig.EMPTY, List.of(), List.of());
    }

    /** The same image with other settings. */
    public ImageConfig withConfig(RunConfig changed) {
        return new ImageConfig(platform, created, author, changed, layers, history);
    }

    /**
     * One instruction's line in the history.
     *
     * @param createdBy the instruction; empty when the image does not say
     * @param emptyLayer true when the instruction made no layer
     * @param author set in images of old builders
     */
    public record History(Optional<Instant> created, String createdBy, Optional<String> comment, boolean emptyLayer,
            Optional<String> author) {

        public History(Optional<Instant> created, String createdBy, Optional<String> comment, boolean emptyLayer) {
            this(created, createdBy, comment, emptyLayer, Optional.empty());
        }
    }

    /**
     * The object {@code config}: how to run the image. Lists that are absent and lists that are empty differ only for
     * {@code entrypoint} and {@code cmd}, hence the {@link Optional}.
     *
     * @param env {@code KEY=value}, in order, each key once
     * @param exposedPorts a set: sorted, each once
     * @param volumes a set: sorted, each once
     * @param raw fields of a base image's config that Kiln does not know, as JSON text by name, kept as they are
     */
    public record RunConfig(String user, List<String> env, Optional<List<String>> entrypoint,
            Optional<List<String>> cmd, String workingDir, SortedMap<String, String> labels, List<String> exposedPorts,
            List<String> volumes, Optional<String> stopSignal, List<String> shell, List<String> onBuild,
            Optional<Healthcheck> healthcheck, boolean argsEscaped, Map<String, String> raw) {
        public static final RunConfig EMPTY = new RunConfig("", List.of(), Optional.empty(), Optional.empty(), "",
                new TreeMap<>(), List.of(), List.of(), Optional.empty(), List.of(), List.of(),
                Optional.empty(), false, Map.of());

        public RunConfig {
            env = List.copyOf(env);
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
            entrypoint = entrypoint.map(List::copyOf);
            cmd = cmd.map(List::copyOf);
            exposedPorts = exposedPorts.stream().sorted().distinct().toList();
            volumes = volumes.stream().sorted().distinct().toList();
            shell = List.copyOf(shell);
            onBuild = List.copyOf(onBuild);
            raw = Map.copyOf(raw);
        }
    }

    /** Docker's health check; durations in nanoseconds, 0 means inherited. */
    public record Healthcheck(List<String> test, long interval, long timeout, long startPeriod, long startInterval,
            int retries) {

        public Healthcheck {
            test = List.copyOf(test);
        }
    }
}
