package dev.kiln.layercache.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.UnsupportedOptionsException;
import org.tukaani.xz.XZInputStream;

import dev.kiln.layercache.layer.LayerException.Code;

/** How an archive is compressed, told by its first bytes. */
enum Decompression {
    NONE(),
    GZIP("1f8b"),
    /** With the start of its first block, or of the end of an empty one: a name in a plain tar may begin with BZh. */
    BZIP2("425a68__314159265359", "425a68__177245385090"),
    XZ("fd377a585a00"),
    /** A frame, or a skippable frame, which may come first. */
    ZSTD("28b52ffd", "5_2a4d18");

    /** How many bytes tell. */
    static final int START = 10;
    private static final int MAX_ZSTD_WINDOW_LOG = 27;
    private static final int MAX_XZ_KIB = 256 * 1024;

    /** In hexadecimal digits, an underscore for any. */
    private final List<String> starts;

    Decompression(String... starts) {
        this.starts = List.of(starts);
    }

    static Decompression of(byte[] start) {
        String digits = HexFormat.of().formatHex(start, 0, Math.min(START, start.length));
        return Arrays.stream(values())
            .filter(kind -> kind.starts.stream().anyMatch(s -> begins(digits, s)))
            .findFirst()
            .orElse(NONE);
    }

    private static boolean begins(String digits, String start) {
        if (digits.length() < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (start.charAt(i) != '_' && start.charAt(i) != digits.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The bytes behind the compression; closing it frees what that takes, and closes {@code stream}.
     *
     * @throws LayerException now or while reading, {@code NOT_AN_ARCHIVE} for no bytes at all, {@code TOO_LARGE} for what
     *     takes too much memory, {@code CORRUPT} for what the compression cannot be; failures of {@code stream} stay theirs
     */
    static InputStream open(InputStream stream) throws IOException {
        Noting source = new Noting(stream);
        byte[] start = source.readNBytes(START);
        if (start.length == 0) {
            throw new LayerException(Code.NOT_AN_ARCHIVE, "reading an archive: it is empty, not even an end marker");
        }
        PushbackInputStream whole = new PushbackInputStream(source, START);
        whole.unread(start);
        Decompression kind = of(start);
        try {
            return switch (kind) {
                case NONE -> whole;
                case GZIP -> new GzipInput(whole);
                case BZIP2 -> new Named(new BZip2CompressorInputStream(whole, true), source, kind);
                case XZ -> new Named(new XZInputStream(whole, MAX_XZ_KIB), source, kind);
                case ZSTD -> new Named(
                        new ZstdInputStreamNoFinalizer(whole).setLongMax(MAX_ZSTD_WINDOW_LOG), source,
                        kind);
            };
        } catch (IOException | RuntimeException e) {
            throw kind.failure(e, source);
        }
    }

    private IOException failure(Exception failure, Noting source) {
        if (source.failure != null) {
            return source.failure;
        }
        if (failure instanceof LayerException e) {
            return e;
        }
        boolean memory = failure instanceof MemoryLimitException || failure instanceof UnsupportedOptionsException
                || failure instanceof ZstdIOException e && e.getErrorCode() == Zstd.errFrameParameterWindowTooLarge();
        return memory
                ? new LayerException(Code.TOO_LARGE, "reading " + label() + ": decompressing it would take more memory "
                        + "than is allowed, or a filter that is not known; compress it with a smaller window "
                        + "(dictionary)", failure)
                : new LayerException(Code.CORRUPT, "reading " + label() + ": the data is damaged or ends in the middle",
                        failure);
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Remembers that the stream itself failed, which says nothing about what is in it. */
    private static final class Noting extends FilterInputStream {
        private @Nullable IOException failure;

        private Noting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return in.read(into, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    /** Says in our words what is wrong, whichever library found it. */
    private static final class Named extends FilterInputStream {
        private final Noting source;
        private final Decompression kind;

        private Named(InputStream in, Noting source, Decompression kind) {
            super(in);
            this.source = source;
            this.kind = kind;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return in.read(into, offset, length);
            } catch (IOException | RuntimeException e) {
                throw kind.failure(e, source);
            }
        }
    }
}
