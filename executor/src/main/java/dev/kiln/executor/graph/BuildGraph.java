package dev.kiln.executor.graph;

import java.util.List;

import dev.kiln.layercache.oci.ImageConfig;

/**
 * A build ready to be solved.
 *
 * @param target whose result becomes the image
 * @param vertices all that the target needs, inputs before those that take them, the target last
 * @param image the image's configuration: settings and history complete, {@code layers} those of the base image only;
 *        each history entry that is not empty stands for one layer of the result, in order
 */
public record BuildGraph(Vertex target, List<Vertex> vertices, ImageConfig image) {

    public BuildGraph {
        vertices = List.copyOf(vertices);
    }
}
