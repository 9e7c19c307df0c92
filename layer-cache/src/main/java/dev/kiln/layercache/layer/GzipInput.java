package dev.kiln.layercache.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import dev.kiln.layercache.layer.LayerException.Code;

/**
 * The content of a file of gzip members (RFC 1952), to its last member: the JDK's own reader stops after the first when the
 * stream below has no bytes at hand just then. Zeros after the last member are padding; anything else is damage.
 */
final class GzipInput extends InputStream {
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int FLAGS_KNOWN = 31;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;
    private long memberSize;
    private boolean inMember;
    private boolean ended;

    GzipInput(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (inMember || nextMember()) {
            int count = inflate(into, offset, length);
            if (count > 0) {
                crc.update(into, offset, count);
                memberSize += count;
                return count;
            }
        }
        return -1;
    }

    /** At least one byte, or 0 when the member has ended here. */
    private int inflate(byte[] into, int offset, int length) throws IOException {
        try {
            while (true) {
                int count = inflater.inflate(into, offset, length);
                if (count > 0) {
                    return count;
                }
                if (inflater.finished()) {
                    endMember();
                    return 0;
                }
                if (inflater.needsDictionary()) {
                    throw new LayerException(Code.CORRUPT, "reading gzip: it asks for a dictionary");
                }
                if (!fill()) {
                    throw cutShort();
                }
                inflater.setInput(buffer, 0, limit);
            }
        } catch (DataFormatException e) {
            throw new LayerException(Code.CORRUPT, "reading gzip: the compressed data is damaged", e);
        }
    }

    private void endMember() throws IOException {
        position = limit - inflater.getRemaining();
        long expectedCrc = littleEndian(4);
        long expectedSize = littleEndian(4);
        if (expectedCrc != crc.getValue() || expectedSize != (memberSize & 0xffff_ffffL)) {
            throw new LayerException(Code.CORRUPT, "reading gzip: the checksum does not match the content");
        }
        inMember = false;
    }

    private boolean nextMember() throws IOException {
        if (ended) {
            return false;
        }
        int first = nextOrEnd();
        if (first <= 0) {
            skipPadding(first);
            ended = true;
            return false;
        }
        readHeader(first);
        inflater.reset();
        inflater.setInput(buffer, position, limit - position);
        crc.reset();
        memberSize = 0;
        inMember = true;
        return true;
    }

    private void skipPadding(int first) throws IOException {
        for (int b = first; b != -1; b = nextOrEnd()) {
            if (b != 0) {
                throw new LayerException(Code.CORRUPT, "reading gzip: something else follows its end");
            }
        }
    }

    private void readHeader(int first) throws IOException {
        if (first != 0x1f || next() != 0x8b || next() != 8) {
            throw new LayerException(Code.CORRUPT, "reading gzip: a member does not start as gzip does");
        }
        int flags = next();
        if ((flags & ~FLAGS_KNOWN) != 0) {
            throw new LayerException(Code.CORRUPT, "reading gzip: a member has unknown flags");
        }
        littleEndian(6);
        if ((flags & FLAG_EXTRA) != 0) {
            for (long rest = littleEndian(2); rest > 0; rest--) {
                next();
            }
        }
        skipText((flags & FLAG_NAME) != 0);
        skipText((flags & FLAG_COMMENT) != 0);
        if ((flags & FLAG_HEADER_CRC) != 0) {
            littleEndian(2);
        }
    }

    private void skipText(boolean present) throws IOException {
        while (present && next() != 0) {
            // to the NUL
        }
    }

    private long littleEndian(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << 8 * i;
        }
        return value;
    }

    private int next() throws IOException {
        int b = nextOrEnd();
        if (b < 0) {
            throw cutShort();
        }
        return b;
    }

    private int nextOrEnd() throws IOException {
        return position < limit || fill() ? Byte.toUnsignedInt(buffer[position++]) : -1;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        return limit > 0;
    }

    private static LayerException cutShort() {
        return new LayerException(Code.CORRUPT, "reading gzip: it ends in the middle; was it sent whole?");
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
