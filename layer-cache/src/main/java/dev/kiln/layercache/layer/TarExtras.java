package dev.kiln.layercache.layer;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/** What the headers before an entry's own say of it: PAX records (POSIX.1-2001, pax) and GNU's long names. */
final class TarExtras {
    private static final String XATTR = "SCHILY.xattr.";
    private static final int ROOM_FOR_THE_REST = 64 * 1024;
    private static final long MAX_ID = 0xffff_fffeL;
    private static final long MAX_SECONDS = 1L << 40;

    private final ExtractLimits limits;
    private final Map<String, byte[]> records = new HashMap<>();
    private final List<Long> sparsePairs = new ArrayList<>();
    private byte @Nullable [] longName;
    private byte @Nullable [] longLink;

    TarExtras(ExtractLimits limits) {
        this.limits = limits;
    }

    int maxPaxBytes() {
        return limits.xattrBytes() + 2 * limits.pathBytes() + ROOM_FOR_THE_REST;
    }

    void setLongName(byte[] data) {
        longName = untilNul(data);
    }

    void setLongLink(byte[] data) {
        longLink = untilNul(data);
    }

    private static byte[] untilNul(byte[] data) {
        int end = 0;
        while (end < data.length && data[end] != 0) {
            end++;
        }
        return Arrays.copyOf(data, end);
    }

    /** Records are {@code LENGTH KEY=VALUE\n}, the length that of the whole record. A later one of a key wins. */
    void addPax(byte[] data) throws LayerException {
        for (int at = 0; at < data.length;) {
            int space = indexOf(data, (byte) ' ', at, Math.min(at + 11, data.length));
            long length = space < 0 ? -1 : decimal(new String(data, at, space - at, ISO_8859_1));
            if (length < space - at + 3 || length > data.length - at || data[at + (int) length - 1] != '\n') {
                throw TarReader.corrupt("a PAX record has a wrong length");
            }
            int end = at + (int) length - 1;
            int equals = indexOf(data, (byte) '=', space + 1, end);
            if (equals < 0) {
                throw TarReader.corrupt("a PAX record has no value");
            }
            add(new String(data, space + 1, equals - space - 1, UTF_8), Arrays.copyOfRange(data, equals + 1, end));
            at = end + 1;
        }
    }

    private void add(String key, byte[] value) throws LayerException {
        switch (key) {
            case "GNU.sparse.offset", "GNU.sparse.numbytes" -> sparsePairs.add(decimal(new String(value, ISO_8859_1)));
            default -> records.put(key, value);
        }
    }

    private static int indexOf(byte[] data, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (data[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    byte[] name(byte[] inHeader) {
        byte[] sparse = records.getOrDefault("GNU.sparse.name", new byte[0]);
        return sparse.length > 0 ? sparse : recordOr("path", longName == null ? inHeader : longName);
    }

    byte[] link(byte[] inHeader) {
        return recordOr("linkpath", longLink == null ? inHeader : longLink);
    }

    /** An empty record takes the header's value back in force. */
    private byte[] recordOr(String key, byte[] otherwise) {
        byte[] value = records.getOrDefault(key, new byte[0]);
        return value.length > 0 ? value : otherwise;
    }

    long size(long inHeader) throws LayerException {
        return number("size", inHeader);
    }

    Attributes attributes(TarHeader header, RawPath name) throws LayerException {
        Owner owner = new Owner(id("uid", header.uid()), id("gid", header.gid()));
        return new Attributes(header.mode(), owner, modified(header.modified()), xattrs(name));
    }

    private long id(String key, long inHeader) throws LayerException {
        long id = number(key, inHeader);
        if (id < 0 || id > MAX_ID) {
            throw TarReader.corrupt("the " + key + " " + id + " of an entry is out of range");
        }
        return id;
    }

    private long number(String key, long inHeader) throws LayerException {
        byte[] value = recordOr(key, new byte[0]);
        return value.length == 0 ? inHeader : decimal(new String(value, ISO_8859_1));
    }

    /** Times that no filesystem can hold become the start of 1970, as with containerd. */
    private Instant modified(long inHeader) throws LayerException {
        byte[] value = recordOr("mtime", new byte[0]);
        if (value.length == 0) {
            return Math.abs(inHeader) > MAX_SECONDS ? Instant.EPOCH : Instant.ofEpochSecond(inHeader);
        }
        if (value.length > 40 || indexOf(value, (byte) 'e', 0, value.length) >= 0
                || indexOf(value, (byte) 'E', 0, value.length) >= 0) {
            throw TarReader.corrupt("the time of an entry is not a number");
        }
        try {
            BigDecimal time = new BigDecimal(new String(value, ISO_8859_1));
            BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
            if (seconds.abs().compareTo(BigDecimal.valueOf(MAX_SECONDS)) > 0) {
                return Instant.EPOCH;
            }
            return Instant.ofEpochSecond(seconds.longValue(),
                    time.subtract(seconds).movePointRight(9).longValue());
        } catch (NumberFormatException e) {
            throw new LayerException(Code.CORRUPT, "reading an archive: the time of an entry is not a number", e);
        }
    }

    private Map<String, byte[]> xattrs(RawPath name) throws LayerException {
        Map<String, byte[]> xattrs = new HashMap<>();
        long bytes = 0;
        for (Map.Entry<String, byte[]> record : records.entrySet()) {
            if (record.getKey().startsWith(XATTR)) {
                xattrs.put(Xattrs.decoded(record.getKey().substring(XATTR.length())), record.getValue());
                bytes += record.getKey().length() - XATTR.length() + record.getValue().length;
            }
        }
        if (bytes > limits.xattrBytes()) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: the extended attributes of " + name + " take "
                    + bytes + " bytes, the limit is " + limits.xattrBytes());
        }
        return xattrs;
    }

    /** PAX versions 0.0 and 0.1, whose map is in the records. */
    Optional<SparseMap> sparseMap() throws LayerException {
        if (records.containsKey("GNU.sparse.major") || !records.containsKey("GNU.sparse.size")) {
            return Optional.empty();
        }
        List<Long> pairs = new ArrayList<>(sparsePairs);
        byte[] map = recordOr("GNU.sparse.map", new byte[0]);
        if (map.length > 0) {
            for (String number : new String(map, ISO_8859_1).split(",", -1)) {
                pairs.add(decimal(number));
            }
        }
        return Optional.of(SparseMap.ofPairs(pairs, number("GNU.sparse.size", 0)));
    }

    /** Version 1.0, whose map is the start of the content. */
    Optional<Long> sizeOfSparseWithMapInContent() throws LayerException {
        if (!records.containsKey("GNU.sparse.major")) {
            return Optional.empty();
        }
        if (number("GNU.sparse.major", 0) != 1 || number("GNU.sparse.minor", 0) != 0) {
            throw new LayerException(Code.UNSUPPORTED_ENTRY, "reading an archive: a sparse file of an unknown version");
        }
        return Optional.of(number("GNU.sparse.realsize", 0));
    }

    /** Digits only: PAX has no negative number here but a time. */
    static long decimal(String digits) throws LayerException {
        if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw TarReader.corrupt("a number in a PAX record is not one");
        }
        return Long.parseLong(digits);
    }
}
