package dev.kiln.executor.exchange;

import java.nio.charset.StandardCharsets;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;

/** Keys of Kiln's own, for results that BuildKit has no key for; they stand in the same documents. */
final class OwnKeys {

    private OwnKeys() {}

    /** By the definition of the vertex and of all that it takes from. */
    static Digest of(Vertex vertex) {
        return Digest.sha256(("kiln.result.v1:" + vertex.digest()).getBytes(StandardCharsets.UTF_8));
    }
}
