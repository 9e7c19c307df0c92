package dev.kiln.executor.graph;

import java.util.List;

import dev.kiln.layercache.oci.Digest;

/**
 * A step of the build and the vertices whose results it takes.
 *
 * @param digest of the definition: the spec and the digests of the inputs. Two vertices with one digest are one vertex
 * @param name what people read: {@code [build 2/4] RUN make}; not part of the definition
 * @param freshness part of the definition, so that a step that must run is never taken for one that need not
 * @param origin not part of the definition
 */
public record Vertex(Digest digest, String name, OpSpec op, List<Vertex> inputs, Freshness freshness,
        StepOrigin origin) {

    public Vertex {
        inputs = List.copyOf(inputs);
    }

    /** True when it has to run even if its result is known. */
    public boolean noCache() {
        return freshness instanceof Freshness.Never;
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
