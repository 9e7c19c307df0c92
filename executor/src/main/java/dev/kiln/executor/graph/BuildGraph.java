package dev.kiln.executor.graph;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.ImageConfig;

/**
 * A build ready to be solved.
 *
 * @param targets whose results become images: one, or one for each platform
 * @param vertices all that the targets need, inputs before those that take them
 * @param proxyEnv {@code KEY=value} that every {@link OpSpec.Run} gets beyond its own environment: the proxy arguments
 *        of the build, which change how a step reaches the network and not what it makes, so they are in no definition
 */
public record BuildGraph(List<Target> targets, List<Vertex> vertices, List<String> proxyEnv) {

    /**
     * What becomes an image.
     *
     * @param image the image's configuration: settings and history complete, {@code layers} those of the base image only;
     *        each history entry that is not empty stands for one layer of the result, in order. An entry without a time
     *        gets the one its layer was created at, see {@code executor.exporter}
     * @param epoch what {@code SOURCE_DATE_EPOCH} says; outputs may be told to write no later time
     */
    public record Target(Vertex vertex, ImageConfig image, Optional<Instant> epoch) {}

    public BuildGraph {
        targets = List.copyOf(targets);
        vertices = List.copyOf(vertices);
        proxyEnv = List.copyOf(proxyEnv);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("a build is of something");
        }
    }

    /** The vertex of a graph that has one target. */
    public Vertex target() {
        return only().vertex();
    }

    /** The configuration of a graph that has one target. */
    public ImageConfig image() {
        return only().image();
    }

    private Target only() {
        if (targets.size() > 1) {
            throw new IllegalStateException("the build is of " + targets.size() + " images");
        }
        return targets.getFirst();
    }
}
