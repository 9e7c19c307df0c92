package dev.kiln.layercache.context;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;

/**
 * A listing, and for the data of each file that has any the pack and the offset there. Its form, which is a blob of its own:
 * the eight characters {@code KILNCTX1}; the number of packs (4 bytes) and of each its digest (32) and size (8); the length
 * (4) and the bytes of the listing; then for each distinct data, in the order of the listing, number of the pack (4) and
 * offset (8).
 *
 * @param packs with their sizes in bytes, in the order of their numbers
 * @param places where the data with this digest lies; every file of the listing that has data has its place
 */
public record ContextLayout(ContextListing listing, Map<Digest, Long> packs, Map<Digest, Place> places) {
    public static final String MEDIA_TYPE = "application/vnd.kiln.context.layout.v1";
    public static final String PACK_MEDIA_TYPE = "application/vnd.kiln.context.pack.v1";
    /** More packs than this are not worth while: the server asks for the data again and makes one of them. */
    public static final int MAX_PACKS = 64;

    private static final byte[] MAGIC = "KILNCTX1".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH = 32;
    private static final int PACK = HASH + Long.BYTES;

    /** @param size of the data, in bytes, more than none */
    public record Place(Digest pack, long offset, long size) {}

    public ContextLayout {
        packs = Collections.unmodifiableMap(new LinkedHashMap<>(packs));
        places = Map.copyOf(places);
    }

    /** True for bytes that begin like a layout, as opposed to an archive. */
    public static boolean startsLikeOne(byte[] first) {
        return first.length >= MAGIC.length
                && Arrays.equals(Arrays.copyOf(first, MAGIC.length), MAGIC);
    }

    /**
     * The packs of a layout that is the start of {@code blob}, read no further than they are named; empty when the blob is
     * no layout.
     */
    public static Optional<Map<Digest, Long>> packsOf(InputStream blob) throws IOException {
        if (!startsLikeOne(blob.readNBytes(MAGIC.length))) {
            return Optional.empty();
        }
        try {
            byte[] count = blob.readNBytes(Integer.BYTES);
            int packs = count(ByteBuffer.wrap(count));
            return Optional.of(packs(ByteBuffer.wrap(blob.readNBytes(packs * PACK)), packs));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    /** The form of a layout. */
    public byte[] bytes() {
        byte[] list = listing.bytes();
        List<Digest> distinct = distinct(listing);
        List<Digest> numbers = List.copyOf(packs.keySet());
        Map<Digest, Integer> numberOf = new HashMap<>();
        numbers.forEach(pack -> numberOf.put(pack, numberOf.size()));
        ByteBuffer out = ByteBuffer.allocate(
                Math.toIntExact(MAGIC.length + 4L + numbers.size() * (long) PACK + 4 + list.length
                        + distinct.size() * 12L));
        out.put(MAGIC).putInt(numbers.size());
        packs.forEach((pack, size) -> out.put(HexFormat.of().parseHex(pack.hex())).putLong(size));
        out.putInt(list.length).put(list);
        for (Digest data : distinct) {
            Place place = places.get(data);
            if (place == null) {
                throw new IllegalStateException("the layout has no place of " + data);
            }
            out.putInt(numberOf.getOrDefault(place.pack(), -1)).putLong(place.offset());
        }
        return out.array();
    }

    /** Reads the form; what does not hold together is refused. */
    public static ContextLayout read(byte[] bytes, ExtractLimits limits) throws LayerException {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            in.position(MAGIC.length);
            if (!startsLikeOne(bytes)) {
                throw new LayerException(Code.NOT_AN_ARCHIVE, "reading the layout of a context: it is none");
            }
            return read(in, limits);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw damaged(e);
        }
    }

    private static ContextLayout read(ByteBuffer in, ExtractLimits limits) throws LayerException {
        Map<Digest, Long> packs = packs(in, count(in));
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] list = new byte[length];
        in.get(list);
        ContextListing listing = ContextListing.read(list, limits);
        return new ContextLayout(listing, packs, places(in, listing, packs));
    }

    private static int count(ByteBuffer in) {
        int count = in.getInt();
        if (count < 0 || count > MAX_PACKS) {
            throw new IllegalArgumentException("too many packs");
        }
        return count;
    }

    private static Map<Digest, Long> packs(ByteBuffer in, int count) {
        Map<Digest, Long> packs = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            byte[] hash = new byte[HASH];
            in.get(hash);
            packs.put(Digest.ofSha256(hash), in.getLong());
        }
        return packs;
    }

    private static LayerException damaged(Exception cause) {
        return new LayerException(Code.CORRUPT, "reading the layout of a context: it is cut short or damaged", cause);
    }

    private static Map<Digest, Place> places(ByteBuffer in, ContextListing listing, Map<Digest, Long> packs) {
        List<Digest> numbers = List.copyOf(packs.keySet());
        Map<Digest, Place> places = new HashMap<>();
        for (ContextEntry.File file : listing.files()) {
            if (file.size() == 0 || places.containsKey(file.data())) {
                continue;
            }
            Digest pack = numbers.get(Objects.checkIndex(in.getInt(), numbers.size()));
            long offset = in.getLong();
            if (offset < 0 || offset > packs.getOrDefault(pack, 0L) - file.size()) {
                throw new IllegalArgumentException("data outside its pack");
            }
            places.put(file.data(), new Place(pack, offset, file.size()));
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("more than a layout");
        }
        return places;
    }

    /** The digests of all data, each once, in the order of the listing. */
    public static List<Digest> distinct(ContextListing listing) {
        List<Digest> distinct = new ArrayList<>();
        Set<Digest> seen = new HashSet<>();
        for (ContextEntry.File file : listing.files()) {
            if (file.size() > 0 && seen.add(file.data())) {
                distinct.add(file.data());
            }
        }
        return distinct;
    }
}
