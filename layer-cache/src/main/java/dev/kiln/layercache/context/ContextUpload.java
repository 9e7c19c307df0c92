package dev.kiln.layercache.context;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;

/**
 * What a client sends of a context, before the data itself: the listing, which of its data comes along, and the layout of an
 * earlier context that the rest may lie in. Its form: a byte 0 or 1 and then the digest (32 bytes) of that layout; the length
 * (4) and the bytes of the listing; how many pieces of data come (4) and their numbers (4 each, growing) among
 * {@link ContextLayout#distinct}. The data follows in that order, without anything between.
 */
public record ContextUpload(ContextListing listing, Optional<Digest> base, List<Integer> sent) {
    public static final String MEDIA_TYPE = "application/vnd.kiln.context.upload.v1";
    private static final int HASH = 32;

    public ContextUpload {
        sent = List.copyOf(sent);
    }

    /** The form, which the data has to follow. */
    public byte[] header() {
        byte[] list = listing.bytes();
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(1 + HASH + 4L + list.length + 4 + 4L * sent.size()));
        out.put((byte) (base.isPresent() ? 1 : 0));
        base.ifPresent(digest -> out.put(HexFormat.of().parseHex(digest.hex())));
        out.putInt(list.length).put(list).putInt(sent.size());
        sent.forEach(out::putInt);
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    /**
     * Reads the form, and leaves the stream where the data begins.
     *
     * @param maxListing bytes that a listing may have
     */
    public static ContextUpload read(InputStream in, ExtractLimits limits, int maxListing) throws IOException {
        try {
            DataInputStream data = new DataInputStream(in);
            Optional<Digest> base = data.readBoolean()
                    ? Optional.of(Digest.ofSha256(exactly(data, HASH)))
                    : Optional.empty();
            int length = data.readInt();
            if (length < 0 || length > maxListing) {
                throw new LayerException(Code.TOO_LARGE, "reading a context: its listing has " + length
                        + " bytes, the limit is " + maxListing);
            }
            ContextListing listing = ContextListing.read(exactly(data, length), limits);
            return new ContextUpload(listing, base, numbers(data, ContextLayout.distinct(listing).size()));
        } catch (EOFException e) {
            throw new LayerException(Code.CORRUPT, "reading a context: it is cut short", e);
        }
    }

    private static List<Integer> numbers(DataInputStream data, int distinct) throws IOException {
        int count = data.readInt();
        if (count < 0 || count > distinct) {
            throw new LayerException(Code.CORRUPT, "reading a context: more data than its listing has");
        }
        List<Integer> numbers = new ArrayList<>(count);
        int last = -1;
        for (int i = 0; i < count; i++) {
            int number = data.readInt();
            if (number <= last || number >= distinct) {
                throw new LayerException(Code.CORRUPT, "reading a context: data that its listing does not have");
            }
            numbers.add(number);
            last = number;
        }
        return numbers;
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }
}
