package dev.kiln.executor.cacheartifact;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;

/**
 * What is remembered with a cache of its last packing, so that one that did not change since is not packed again.
 *
 * @param tree as {@link TreePrint} tells it
 */
record PackedNote(Digest tree, Digest diffId, Descriptor blob, Instant packed) {
    private static final String FORM = "kiln.cachemount.packed.v1";

    byte[] encode() {
        return String
            .join(" ", FORM, tree.toString(), diffId.toString(), blob.digest().toString(),
                    Long.toString(blob.size()), packed.toString())
            .getBytes(StandardCharsets.UTF_8);
    }

    /** Empty when it is of another form, or damaged: then the cache is packed again. */
    static Optional<PackedNote> decode(byte[] note) {
        String[] words = new String(note, StandardCharsets.UTF_8).split(" ");
        if (words.length != 6 || !words[0].equals(FORM)) {
            return Optional.empty();
        }
        try {
            Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, Digest.parse(words[3]),
                    Long.parseLong(words[4]));
            return Optional.of(new PackedNote(Digest.parse(words[1]), Digest.parse(words[2]), blob,
                    Instant.parse(words[5])));
        } catch (IllegalArgumentException | DateTimeException _) {
            return Optional.empty();
        }
    }
}
