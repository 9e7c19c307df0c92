package dev.kiln.executor.solver;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.Digest;

/**
 * A key and all it was made of. An input stands in it in one of three ways, and the word before the digest says which:
 * by the key of its definition, by what it is, or by what the step takes from it.
 */
record Keys(CacheKey key, SortedMap<String, String> preimage) {
    private static final String INPUT = "input.";

    /** How an input is named in a key. */
    static String byDefinition(CacheKey key) {
        return "defined " + key.digest();
    }

    /** How an input is named in a key. */
    static String byIdentity(Digest identity) {
        return "is " + identity;
    }

    /** How an input is named in a key. */
    static String byContent(Digest content) {
        return "holds " + content;
    }

    static Keys of(Map<String, String> op, List<String> inputs) {
        SortedMap<String, String> preimage = new TreeMap<>(op);
        for (int i = 0; i < inputs.size(); i++) {
            if (preimage.put(INPUT + i, inputs.get(i)) != null) {
                throw new IllegalArgumentException("an op must not use the name " + INPUT + i);
            }
        }
        MessageDigest hash = Digest.newSha256();
        text(hash, "kiln.key.v1");
        preimage.forEach((name, value) -> {
            text(hash, name);
            text(hash, value);
        });
        return new Keys(new CacheKey(Digest.ofSha256(hash.digest())), preimage);
    }

    /** What a result is: its layers, or its tree. Empty while a layer of it is still being packed, or was not. */
    static Optional<Digest> identity(Result result) {
        MessageDigest hash = Digest.newSha256();
        if (result.tree().isPresent()) {
            text(hash, "tree");
            text(hash, result.tree().get().toString());
            return Optional.of(Digest.ofSha256(hash.digest()));
        }
        text(hash, "layers");
        for (Result.Layer layer : result.layers()) {
            if (!layer.packed().isDone() || layer.packed().isCompletedExceptionally()) {
                return Optional.empty();
            }
            CachedLayer packed = layer.packed().join();
            text(hash, packed.diffId().toString());
        }
        return Optional.of(Digest.ofSha256(hash.digest()));
    }

    private static void text(MessageDigest hash, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        hash.update(bytes);
    }
}
