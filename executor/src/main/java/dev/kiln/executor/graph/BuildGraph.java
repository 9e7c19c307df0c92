package dev.kiln.executor.graph;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.ImageConfig;

/**
 * A build ready to be solved.
 *
 * @param target whose result becomes the image
 * @param vertices all that the target needs, inputs before those that take them, the target last
 * @param image the image's configuration: settings and history complete, {@code layers} those of the base image only;
 *        each history entry that is not empty stands for one layer of the result, in order. An entry without a time gets the one its layer was created at, see {@code executor.exporter}
 * @param proxyEnv {@code KEY=value} that every {@link OpSpec.Run} gets beyond its own environment: the proxy arguments
 *        of the build, which change how a step reaches the network and not what it makes, so they are in no definition
 * @param epoch what {@code SOURCE_DATE_EPOCH} says; outputs may be told to write no later time
 */
public record BuildGraph(Vertex target, List<Vertex> vertices, ImageConfig image, List<String> proxyEnv,
        Optional<Instant> epoch) {

    public BuildGraph {
        vertices = List.copyOf(vertices);
        proxyEnv = List.copyOf(proxyEnv);
    }

    public BuildGraph(Vertex target, List<Vertex> vertices, ImageConfig image) {
        this(target, vertices, image, List.of(), Optional.empty());
    }

    public BuildGraph withEpoch(Optional<Instant> time) {
        return new BuildGraph(target, vertices, image, proxyEnv, time);
    }
}
