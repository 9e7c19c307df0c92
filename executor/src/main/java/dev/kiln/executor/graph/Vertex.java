package dev.kiln.executor.graph;

import java.util.List;

import dev.kiln.layercache.oci.Digest;

/**
 * A step of the build and the vertices whose results it takes.
 *
 * @param digest of the definition: the spec and the digests of the inputs. Two vertices with one digest are one vertex
 * @param name what people read: {@code [build 2/4] RUN make}; not part of the definition
 */
public record Vertex(Digest digest, String name, OpSpec op, List<Vertex> inputs, boolean noCache) {

    public Vertex {
        inputs = List.copyOf(inputs);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Vertex v && v.digest.equals(digest);
    }

    @Override
    public int hashCode() {
        return digest.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
