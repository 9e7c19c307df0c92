package dev.kiln.layercache.layer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** The fields of one header block, as far as the block alone has them. */
final class TarHeader {
    private static final int MAX_SPARSE_SEGMENTS = 1 << 16;
    private final byte[] block;

    TarHeader(byte[] block) {
        this.block = block;
    }

    /** Whether an archive that starts with these bytes starts with an entry. */
    static boolean starts(byte[] bytes) {
        return bytes.length == TarReader.BLOCK && !Arrays.equals(bytes, new byte[bytes.length]) && hasChecksum(bytes);
    }

    /** The sum of the bytes with the field itself as spaces; old writers took the bytes as signed. */
    static boolean hasChecksum(byte[] block) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < block.length; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += Byte.toUnsignedInt(b);
            signed += b;
        }
        try {
            long expected = new TarHeader(block).number(148, 8);
            return expected == unsigned || expected == signed;
        } catch (LayerException _) {
            return false;
        }
    }

    char flag() {
        return (char) Byte.toUnsignedInt(block[156]);
    }

    /** What the entry is; {@code name} tells a directory in archives older than the flag for one. */
    Kind kind(RawPath name) throws LayerException {
        return switch (flag()) {
            case 0 -> name.latin1().endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
            case '0', '7', 'S' -> Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMLINK;
            case '3' -> Kind.CHARACTER_DEVICE;
            case '4' -> Kind.BLOCK_DEVICE;
            case '5' -> Kind.DIRECTORY;
            case '6' -> Kind.FIFO;
            default -> throw new LayerException(Code.UNSUPPORTED_ENTRY, "reading an archive: the entry " + name
                    + " is of an unknown type, '" + flag() + "'");
        };
    }

    byte[] name() {
        byte[] name = text(0, 100);
        byte[] prefix = isUstar() ? text(345, isStar() ? 131 : 155) : new byte[0];
        if (prefix.length == 0) {
            return name;
        }
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] link() {
        return text(157, 100);
    }

    int mode() throws LayerException {
        return (int) (number(100, 8) & 07777);
    }

    long uid() throws LayerException {
        return number(108, 8);
    }

    long gid() throws LayerException {
        return number(116, 8);
    }

    long size() throws LayerException {
        long size = number(124, 12);
        if (size < 0) {
            throw TarReader.corrupt("the size of an entry is negative");
        }
        return size;
    }

    long modified() throws LayerException {
        return number(136, 12);
    }

    Device device() throws LayerException {
        long major = number(329, 8);
        long minor = number(337, 8);
        if (major < 0 || major > 0xffff_ffffL || minor < 0 || minor > 0xffff_ffffL) {
            throw TarReader.corrupt("a device number is out of range");
        }
        return new Device((int) major, (int) minor);
    }

    interface Blocks {
        byte[] next() throws IOException;
    }

    /** The map of GNU's old sparse format, which goes on in the blocks that follow. */
    SparseMap sparseMap(Blocks following) throws IOException {
        List<SparseMap.Segment> segments = new ArrayList<>();
        long realSize = number(483, 12);
        addSegments(386, 4, segments);
        TarHeader current = this;
        boolean more = block[482] != 0;
        while (more) {
            current = new TarHeader(following.next());
            current.addSegments(0, 21, segments);
            if (segments.size() > MAX_SPARSE_SEGMENTS) {
                throw new LayerException(Code.TOO_LARGE, "reading an archive: a sparse file has more than "
                        + MAX_SPARSE_SEGMENTS + " pieces");
            }
            more = current.block[504] != 0;
        }
        return new SparseMap(segments, realSize);
    }

    private void addSegments(int at, int count, List<SparseMap.Segment> segments) throws LayerException {
        for (int i = at; i < at + 24 * count && block[i] != 0; i += 24) {
            segments.add(new SparseMap.Segment(number(i, 12), number(i + 12, 12)));
        }
    }

    private boolean isUstar() {
        return new String(block, 257, 6, ISO_8859_1).equals("ustar\0");
    }

    private boolean isStar() {
        return new String(block, 508, 4, ISO_8859_1).equals("tar\0");
    }

    private byte[] text(int at, int width) {
        int end = at;
        while (end < at + width && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, at, end);
    }

    /** Octal digits between spaces and NULs, or GNU's two's complement with the first bit set. */
    private long number(int at, int width) throws LayerException {
        return (block[at] & 0x80) == 0 ? octal(at, width) : binary(at, width);
    }

    private long octal(int at, int width) throws LayerException {
        String digits = new String(block, at, width, ISO_8859_1).replace('\0', ' ').strip();
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 7) {
                throw TarReader.corrupt("a number in a header is not octal");
            }
            value = value << 3 | digit;
        }
        return value;
    }

    private long binary(int at, int width) throws LayerException {
        boolean negative = (block[at] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = at; i < at + width; i++) {
            int b = Byte.toUnsignedInt(block[i]);
            if (i == at) {
                b = negative ? b | 0x80 : b & 0x7f;
            }
            if (value >> 55 != (negative ? -1 : 0)) {
                throw TarReader.corrupt("a number in a header is too large");
            }
            value = value << 8 | b;
        }
        return value;
    }
}
