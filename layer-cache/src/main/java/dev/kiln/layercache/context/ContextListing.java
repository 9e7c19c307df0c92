package dev.kiln.layercache.context;

import java.util.List;

import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * The names of a context in the order of a walk: a directory before what is in it, names of one directory by their bytes.
 * Equal trees have equal listings, byte for byte.
 */
public final class ContextListing {
    public static final String MEDIA_TYPE = "application/vnd.kiln.context.listing.v1";

    private final List<ContextEntry> entries;
    private final byte[] bytes;

    private ContextListing(List<ContextEntry> entries, byte[] bytes) {
        this.entries = entries;
        this.bytes = bytes;
    }

    /**
     * @throws IllegalArgumentException when the entries are not in the order of a walk, or one lies in no directory that
     *         comes before it
     */
    public static ContextListing of(List<ContextEntry> entries) {
        WalkOrder order = new WalkOrder();
        for (ContextEntry entry : entries) {
            order.add(entry)
                .ifPresent(problem -> {
                    throw new IllegalArgumentException(problem);
                });
        }
        return new ContextListing(List.copyOf(entries), ListingCodec.encode(entries));
    }

    /** Reads what {@link #bytes} gave, or what somebody says it gave: anything that breaks a rule is refused. */
    public static ContextListing read(byte[] bytes, ExtractLimits limits) throws LayerException {
        return new ContextListing(ListingCodec.decode(bytes, limits), bytes.clone());
    }

    /** In which order two names come. */
    public static int compare(RawPath one, RawPath other) {
        return WalkOrder.compare(one.latin1(), other.latin1());
    }

    public List<ContextEntry> entries() {
        return entries;
    }

    /** The form that travels and is kept. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The digest of the form. */
    public Digest digest() {
        return Digest.sha256(bytes);
    }

    /** The files, in order. */
    public List<ContextEntry.File> files() {
        return entries.stream()
            .filter(ContextEntry.File.class::isInstance)
            .map(ContextEntry.File.class::cast)
            .toList();
    }
}
