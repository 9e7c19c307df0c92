package dev.kiln.layercache.lease;

import dev.kiln.layercache.oci.Digest;

/**
 * One thing on the disk that can go by itself.
 *
 * @param id tells it from others of its kind
 */
public record Item(Kind kind, String id) {

    public static Item blob(Digest digest) {
        return new Item(Kind.BLOB, digest.toString());
    }

    public static Item layer(String snapshot) {
        return new Item(Kind.LAYER, snapshot);
    }

    @Override
    public String toString() {
        return kind + " " + id;
    }
}
