package dev.kiln.layercache.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Writes tar headers in the POSIX (PAX) format, byte for byte as Go's {@code archive/tar} does for containerd: a PAX header
 * only for what the plain one cannot say (names that are too long or not ASCII, large numbers, times before 1970 and
 * between seconds, extended attributes), its records sorted, its name {@code DIR/PaxHeaders.0/BASE}.
 */
final class TarWriter {
    static final int BLOCK = 512;
    private static final int NAME_SIZE = 100;
    private static final int PREFIX_SIZE = 155;
    private static final byte[] ZEROS = new byte[2 * BLOCK];

    private final OutputStream out;
    private final byte[] header = new byte[BLOCK];

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes what precedes the content of {@code entry}; its {@code size} bytes and {@link #pad} follow. */
    void writeHeader(TarEntry entry) throws IOException {
        RawPath name = entry.kind() == Kind.DIRECTORY ? RawPath.ofLatin1(entry.name().latin1() + "/") : entry.name();
        Map<String, byte[]> records = records(entry, name);
        int split = records.size() == 1 && records.containsKey("path") ? prefixLength(name) : 0;
        if (!records.isEmpty() && split == 0) {
            writePaxHeader(name, records);
        }
        Attributes attributes = entry.attributes();
        start(entry.kind().flag());
        text(0, NAME_SIZE, ascii(name).substring(split == 0 ? 0 : split + 1));
        text(345, PREFIX_SIZE, ascii(name).substring(0, split));
        octal(100, 8, attributes.mode());
        octal(108, 8, attributes.owner().uid());
        octal(116, 8, attributes.owner().gid());
        octal(124, 12, entry.size());
        octal(136, 12, attributes.modified().getEpochSecond());
        text(157, NAME_SIZE, ascii(entry.link()));
        octal(329, 8, Integer.toUnsignedLong(entry.device().major()));
        octal(337, 8, Integer.toUnsignedLong(entry.device().minor()));
        finish();
    }

    /** Fills the last block of content of {@code size} bytes. */
    void pad(long size) throws IOException {
        out.write(ZEROS, 0, (int) (-size & BLOCK - 1));
    }

    /** Ends the archive. */
    void end() throws IOException {
        out.write(ZEROS);
    }

    private static Map<String, byte[]> records(TarEntry entry, RawPath name) {
        Map<String, byte[]> records = new TreeMap<>();
        Attributes attributes = entry.attributes();
        textRecord(records, "path", name);
        textRecord(records, "linkpath", entry.link());
        numberRecord(records, "uid", 8, attributes.owner().uid());
        numberRecord(records, "gid", 8, attributes.owner().gid());
        numberRecord(records, "size", 12, entry.size());
        timeRecord(records, attributes.modified());
        attributes.xattrs().forEach((key, value) -> records.put("SCHILY.xattr." + Xattrs.encoded(key), value));
        return records;
    }

    private static void textRecord(Map<String, byte[]> records, String key, RawPath value) {
        if (value.length() > NAME_SIZE || !isAscii(value)) {
            records.put(key, value.bytes());
        }
    }

    private static void numberRecord(Map<String, byte[]> records, String key, int width, long value) {
        if (!fits(width, value)) {
            records.put(key, Long.toString(value).getBytes(ISO_8859_1));
        }
    }

    private static void timeRecord(Map<String, byte[]> records, Instant time) {
        if (time.getNano() == 0) {
            numberRecord(records, "mtime", 12, time.getEpochSecond());
        } else {
            BigDecimal exact = BigDecimal.valueOf(time.getEpochSecond()).add(BigDecimal.valueOf(time.getNano(), 9));
            records.put("mtime", exact.stripTrailingZeros().toPlainString().getBytes(ISO_8859_1));
        }
    }

    private void writePaxHeader(RawPath name, Map<String, byte[]> records) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> record : records.entrySet()) {
            byte[] key = record.getKey().getBytes(UTF_8);
            data.writeBytes(Integer.toString(recordLength(key.length + record.getValue().length + 3))
                .getBytes(ISO_8859_1));
            data.write(' ');
            data.writeBytes(key);
            data.write('=');
            data.writeBytes(record.getValue());
            data.write('\n');
        }
        start((byte) 'x');
        text(0, NAME_SIZE, paxName(name));
        octal(100, 8, 0);
        octal(108, 8, 0);
        octal(116, 8, 0);
        octal(124, 12, data.size());
        octal(136, 12, 0);
        finish();
        data.writeTo(out);
        pad(data.size());
    }

    /** Where to cut a name that fits the two fields of ustar together, at a slash; 0 when it does not. */
    private static int prefixLength(RawPath name) {
        String path = name.latin1();
        if (!isAscii(name)) {
            return 0;
        }
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        int slash = path.lastIndexOf('/', Math.min(end - 1, PREFIX_SIZE));
        int rest = path.length() - slash - 1;
        return slash > 0 && rest > 0 && rest <= NAME_SIZE ? slash : 0;
    }

    /** A record's length counts the digits of the length itself. */
    private static int recordLength(int rest) {
        int length = rest + Integer.toString(rest).length();
        return Integer.toString(length).length() == Integer.toString(rest).length() ? length : length + 1;
    }

    private static String paxName(RawPath name) {
        String path = name.latin1();
        int slash = path.lastIndexOf('/');
        String directory = slash < 0 ? "" : path.substring(0, slash + 1);
        String file = path.substring(slash + 1);
        String full = ascii(RawPath.ofLatin1(directory + "PaxHeaders.0" + (file.isEmpty() ? "" : "/" + file)));
        String cut = full.length() > NAME_SIZE ? full.substring(0, NAME_SIZE) : full;
        return cut.endsWith("/") ? cut.substring(0, cut.length() - 1) : cut;
    }

    private void start(byte flag) {
        Arrays.fill(header, (byte) 0);
        header[156] = flag;
    }

    private void finish() throws IOException {
        text(257, 8, "ustar\00000");
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += Byte.toUnsignedInt(b);
        }
        octal(148, 7, sum);
        out.write(header);
    }

    private void text(int at, int width, String value) {
        String cut = value;
        if (value.length() > width) {
            // A slash at the cut would make some readers take a file for a directory.
            int end = width;
            while (end > 0 && value.charAt(end - 1) == '/') {
                end--;
            }
            cut = value.substring(0, end);
        }
        byte[] bytes = cut.getBytes(ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    /** Zero when it does not fit: then a PAX record has the number. */
    private void octal(int at, int width, long value) {
        long rest = fits(width, value) ? value : 0;
        header[at + width - 1] = 0;
        for (int i = at + width - 2; i >= at; i--) {
            header[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }

    private static boolean fits(int width, long value) {
        return value >= 0 && value < 1L << 3 * (width - 1);
    }

    private static boolean isAscii(RawPath path) {
        return path.latin1().chars().allMatch(c -> c < 0x80);
    }

    private static String ascii(RawPath path) {
        if (isAscii(path)) {
            return path.latin1();
        }
        StringBuilder kept = new StringBuilder(path.length());
        path.latin1().chars().filter(c -> c < 0x80).forEach(c -> kept.append((char) c));
        return kept.toString();
    }
}
