package dev.kiln.layercache.context;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/**
 * The form of a listing: the eight characters {@code KILNLST1}, then one entry after the other. An entry is a letter
 * ({@code d f l}), the seconds (8 bytes) and nanoseconds (4) of its time, its name behind its length (4), and then the mode
 * (2) of a directory; mode, size (8) and digest (32) of a file; the target of a link behind its length (4). Numbers have
 * the high byte first.
 */
final class ListingCodec {
    private static final byte[] MAGIC = "KILNLST1".getBytes(StandardCharsets.US_ASCII);
    private static final int HASH = 32;
    /** Of an entry beside name and target: more than any has. */
    private static final int FIXED = 1 + 8 + 4 + 4 + 2 + 8 + HASH;
    private static final int MODES = 07777;
    private static final Digest NO_DATA = Digest.sha256(new byte[0]);
    private static final HexFormat HEX = HexFormat.of();

    private ListingCodec() {}

    static byte[] encode(List<ContextEntry> entries) {
        long size = MAGIC.length;
        for (ContextEntry entry : entries) {
            size += FIXED + entry.name().length()
                    + (entry instanceof ContextEntry.Link link ? link.target().length() : 0);
        }
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).put(MAGIC);
        entries.forEach(entry -> encode(entry, out));
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private static void encode(ContextEntry entry, ByteBuffer out) {
        switch (entry) {
            case ContextEntry.Directory directory -> {
                start('d', entry, out);
                out.putShort((short) directory.mode());
            }
            case ContextEntry.File file -> {
                start('f', entry, out);
                out.putShort((short) file.mode()).putLong(file.size()).put(HEX.parseHex(file.data().hex()));
            }
            case ContextEntry.Link link -> {
                start('l', entry, out);
                text(link.target(), out);
            }
        }
    }

    private static void start(char kind, ContextEntry entry, ByteBuffer out) {
        out.put((byte) kind).putLong(entry.modified().getEpochSecond()).putInt(entry.modified().getNano());
        text(entry.name(), out);
    }

    private static void text(RawPath text, ByteBuffer out) {
        byte[] bytes = text.bytes();
        out.putInt(bytes.length).put(bytes);
    }

    static List<ContextEntry> decode(byte[] bytes, ExtractLimits limits) throws LayerException {
        try {
            return decode(ByteBuffer.wrap(bytes), limits);
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            throw new LayerException(Code.CORRUPT, "reading the listing of a context: it is cut short or damaged", e);
        }
    }

    private static List<ContextEntry> decode(ByteBuffer in, ExtractLimits limits) throws LayerException {
        byte[] magic = new byte[MAGIC.length];
        in.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new LayerException(Code.NOT_AN_ARCHIVE, "reading the listing of a context: it is none");
        }
        List<ContextEntry> entries = new ArrayList<>();
        WalkOrder order = new WalkOrder();
        Map<Digest, Long> sizes = new HashMap<>();
        long names = 0;
        long data = 0;
        while (in.hasRemaining()) {
            ContextEntry entry = entry(in, limits);
            Optional<String> problem = order.add(entry);
            if (problem.isPresent()) {
                throw new LayerException(Code.ESCAPES_ROOT, "reading the listing of a context: " + problem.get());
            }
            names += entry.name().length();
            if (entry instanceof ContextEntry.File file) {
                data += file.size();
                checkSize(file, sizes);
            }
            entries.add(entry);
            if (entries.size() > limits.entries() || names > limits.namesBytes() || data > limits.bytes()) {
                throw new LayerException(Code.TOO_LARGE, "reading the listing of a context: more than "
                        + limits.entries() + " names, " + limits.namesBytes() + " bytes of names or " + limits.bytes()
                        + " bytes of data; these are the limits");
            }
        }
        return List.copyOf(entries);
    }

    /** Data has one size; so whoever has the data of a digest need not ask again. */
    private static void checkSize(ContextEntry.File file, Map<Digest, Long> sizes) {
        Long other = sizes.putIfAbsent(file.data(), file.size());
        if (other != null && other != file.size() || (file.size() == 0) != file.data().equals(NO_DATA)) {
            throw new IllegalArgumentException("a size that does not go with its digest");
        }
    }

    private static ContextEntry entry(ByteBuffer in, ExtractLimits limits) throws LayerException {
        byte kind = in.get();
        Instant modified = Instant.ofEpochSecond(in.getLong(), in.getInt());
        RawPath name = text(in, limits);
        return switch (kind) {
            case 'd' -> new ContextEntry.Directory(name, mode(in), modified);
            case 'f' -> new ContextEntry.File(name, mode(in), modified, size(in), digest(in));
            case 'l' -> new ContextEntry.Link(name, modified, text(in, limits));
            default -> throw new LayerException(Code.UNSUPPORTED_ENTRY,
                    "reading the listing of a context: " + name + " is of no kind that a context can hold");
        };
    }

    private static int mode(ByteBuffer in) {
        int mode = in.getShort();
        if ((mode & ~MODES) != 0) {
            throw new IllegalArgumentException("not a mode: " + mode);
        }
        return mode;
    }

    private static long size(ByteBuffer in) {
        long size = in.getLong();
        if (size < 0) {
            throw new IllegalArgumentException("a negative size");
        }
        return size;
    }

    private static Digest digest(ByteBuffer in) {
        byte[] hash = new byte[HASH];
        in.get(hash);
        return Digest.ofSha256(hash);
    }

    private static RawPath text(ByteBuffer in, ExtractLimits limits) throws LayerException {
        int length = in.getInt();
        if (length < 0 || length > limits.pathBytes()) {
            throw new LayerException(Code.TOO_LARGE, "reading the listing of a context: a name or link of " + length
                    + " bytes, the limit is " + limits.pathBytes());
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return RawPath.ofBytes(bytes);
    }
}
