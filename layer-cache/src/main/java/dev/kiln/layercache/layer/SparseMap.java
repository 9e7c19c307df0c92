package dev.kiln.layercache.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Where the stored bytes of a sparse file belong (GNU tar manual, "Storing Sparse Files"); the rest is holes.
 *
 * @param realSize of the file, holes filled
 */
record SparseMap(List<Segment> segments, long realSize) {
    private static final int MAX_TEXT = 1 << 20;

    record Segment(long offset, long length) {}

    /** This map, when its segments are in order, inside the file, and take as many bytes as are stored. */
    SparseMap checked(long stored, RawPath name) throws LayerException {
        long end = 0;
        long sum = 0;
        for (Segment segment : segments) {
            boolean ordered = segment.offset >= end && segment.length >= 0;
            if (!ordered || segment.length > realSize - segment.offset) {
                throw TarReader.corrupt("the map of the sparse file " + name + " is wrong");
            }
            end = segment.offset + segment.length;
            sum += segment.length;
        }
        if (sum != stored || realSize < 0) {
            throw TarReader.corrupt("the map of the sparse file " + name + " does not fit its content");
        }
        return this;
    }

    /** The form of PAX version 0: offset, length, offset, length and so on. */
    static SparseMap ofPairs(List<Long> numbers, long realSize) throws LayerException {
        if (numbers.size() % 2 != 0) {
            throw TarReader.corrupt("the map of a sparse file has an offset without a length");
        }
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i += 2) {
            segments.add(new Segment(numbers.get(i), numbers.get(i + 1)));
        }
        return new SparseMap(segments, realSize);
    }

    /** The form of PAX version 1: decimal lines at the start of the content, first how many pairs, filled to a block. */
    static SparseMap readFromContent(long realSize, TarHeader.Blocks content) throws IOException {
        Lines lines = new Lines(content);
        long pairs = lines.next();
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < 2 * pairs; i++) {
            numbers.add(lines.next());
        }
        return ofPairs(numbers, realSize);
    }

    private static final class Lines {
        private final TarHeader.Blocks content;
        private byte[] block = new byte[0];
        private int position;
        private int taken;

        private Lines(TarHeader.Blocks content) {
            this.content = content;
        }

        private long next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (byte b = nextByte(); b != '\n'; b = nextByte()) {
                line.write(b);
            }
            return TarExtras.decimal(line.toString(ISO_8859_1));
        }

        private byte nextByte() throws IOException {
            if (position == block.length) {
                block = content.next();
                position = 0;
            }
            if (++taken > MAX_TEXT) {
                throw new LayerException(Code.TOO_LARGE, "reading an archive: the map of a sparse file has more than "
                        + MAX_TEXT + " bytes");
            }
            return block[position++];
        }
    }
}
