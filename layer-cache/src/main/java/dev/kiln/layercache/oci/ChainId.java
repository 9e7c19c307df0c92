package dev.kiln.layercache.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Names a stack of layers by what it unpacks to (OCI image-spec, config.md, "Layer ChainID"): the diffID for one layer,
 * else the hash of the chain below and the diffID on top.
 */
public record ChainId(Digest digest) {

    /** The chain of one layer on nothing. */
    public static ChainId ofBottom(Digest diffId) {
        return new ChainId(diffId);
    }

    /** The chain of these layers, base first; throws {@link IllegalArgumentException} when there is none. */
    public static ChainId of(List<Digest> diffIds) {
        if (diffIds.isEmpty()) {
            throw new IllegalArgumentException("a chain needs at least one layer");
        }
        ChainId chain = ofBottom(diffIds.getFirst());
        for (Digest diffId : diffIds.subList(1, diffIds.size())) {
            chain = chain.with(diffId);
        }
        return chain;
    }

    /** This chain with one more layer on top. */
    public ChainId with(Digest diffId) {
        return new ChainId(Digest.sha256((digest + " " + diffId).getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public String toString() {
        return digest.toString();
    }
}
