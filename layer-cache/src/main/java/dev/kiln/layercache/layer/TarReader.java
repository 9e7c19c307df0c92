package dev.kiln.layercache.layer;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Reads a tar entry by entry: V7, ustar, PAX and GNU headers with long names, large numbers and sparse files. Trusts nothing:
 * lengths, numbers and names are checked before anything is made from them.
 */
final class TarReader {
    static final int BLOCK = TarWriter.BLOCK;

    private final ArchiveInput in;
    private final ExtractLimits limits;
    private final byte[] header = new byte[BLOCK];
    private long entries;
    private long contentBytes;
    private boolean ended;
    private boolean endMarked;
    /** What is still unread of the current entry: bytes of content, and of the padding after it. */
    private long unread;
    private long padding;
    private @Nullable SparseMap sparse;

    /** Takes the content of an entry piece by piece. */
    interface ContentSink {
        void data(byte[] bytes, int offset, int length) throws IOException;

        /** {@code length} zeros that the archive does not spell out. */
        void hole(long length) throws IOException;
    }

    TarReader(ArchiveInput in, ExtractLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    long entries() {
        return entries;
    }

    /** True when the archive ended with its end marker, not with its last byte. */
    boolean endMarked() {
        return endMarked;
    }

    /** The next entry, or empty at the end of the archive. Content of the one before that was not read is passed over. */
    Optional<TarEntry> next() throws IOException {
        skipRest();
        TarExtras extras = new TarExtras(limits);
        while (!ended && readHeader()) {
            TarHeader parsed = new TarHeader(header);
            switch (parsed.flag()) {
                case 'x', 'X' -> extras.addPax(readMetadata(parsed.size(), extras.maxPaxBytes()));
                case 'g' -> skipMetadata(parsed.size());
                case 'L' -> extras.setLongName(readMetadata(parsed.size(), limits.pathBytes() + 1));
                case 'K' -> extras.setLongLink(readMetadata(parsed.size(), limits.pathBytes() + 1));
                default -> {
                    return Optional.of(begin(parsed, extras));
                }
            }
        }
        ended = true;
        return Optional.empty();
    }

    private TarEntry begin(TarHeader parsed, TarExtras extras) throws IOException {
        if (++entries > limits.entries()) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: it has more than " + limits.entries()
                    + " entries, which is the limit");
        }
        RawPath name = checked(extras.name(parsed.name()), "name");
        RawPath link = checked(extras.link(parsed.link()), "link target");
        Kind kind = parsed.kind(name);
        Attributes attributes = extras.attributes(parsed, name);
        long stored = extras.size(parsed.size());
        long size = 0;
        sparse = null;
        if (kind == Kind.FILE) {
            size = startContent(parsed, extras, stored, name);
        }
        boolean links = kind == Kind.HARD_LINK || kind == Kind.SYMLINK;
        boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
        return new TarEntry(kind, withoutSlash(name), links ? link : RawPath.ofUtf8(""), size, attributes,
                device ? parsed.device() : Device.NONE);
    }

    private long startContent(TarHeader parsed, TarExtras extras, long stored, RawPath name) throws IOException {
        unread = stored;
        padding = -stored & BLOCK - 1;
        sparse = sparseMap(parsed, extras);
        long size = sparse == null ? stored : sparse.checked(unread, name).realSize();
        contentBytes += size;
        if (contentBytes > limits.bytes() || contentBytes < 0) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: with " + name + " its files have more than "
                    + limits.bytes() + " bytes, which is the limit");
        }
        return size;
    }

    private @Nullable SparseMap sparseMap(TarHeader parsed, TarExtras extras) throws IOException {
        if (parsed.flag() == 'S') {
            return parsed.sparseMap(this::readBlock);
        }
        Optional<SparseMap> inHeader = extras.sparseMap();
        if (inHeader.isPresent()) {
            return inHeader.get();
        }
        Optional<Long> size = extras.sizeOfSparseWithMapInContent();
        return size.isEmpty() ? null : SparseMap.readFromContent(size.get(), this::contentBlock);
    }

    /** The next block of content, which holds a sparse map. */
    private byte[] contentBlock() throws IOException {
        if (unread < BLOCK) {
            throw corrupt("a sparse file's map is longer than its content");
        }
        unread -= BLOCK;
        return readBlock();
    }

    private byte[] readBlock() throws IOException {
        byte[] block = new byte[BLOCK];
        if (in.readFully(block, 0, BLOCK) < BLOCK) {
            throw cutShort();
        }
        return block;
    }

    /** Gives the content of the current entry to {@code sink}. */
    void copyContent(ContentSink sink) throws IOException {
        if (sparse == null) {
            copyData(unread, sink);
            return;
        }
        long at = 0;
        for (SparseMap.Segment segment : sparse.segments()) {
            if (segment.offset() > at) {
                sink.hole(segment.offset() - at);
            }
            copyData(segment.length(), sink);
            at = segment.offset() + segment.length();
        }
        if (sparse.realSize() > at) {
            sink.hole(sparse.realSize() - at);
        }
    }

    private void copyData(long length, ContentSink sink) throws IOException {
        for (long rest = length; rest > 0;) {
            int count = in.copyTo(sink, rest);
            if (count < 0) {
                throw cutShort();
            }
            rest -= count;
            unread -= count;
        }
    }

    private void skipRest() throws IOException {
        if (!in.skip(unread + padding)) {
            throw cutShort();
        }
        unread = 0;
        padding = 0;
    }

    /** False at the end of the archive: a block of zeros, or no more bytes. */
    private boolean readHeader() throws IOException {
        int count = in.readFully(header, 0, BLOCK);
        if (count == 0 && (entries > 0 || in.bytes() > 0)) {
            return false;
        }
        if (count < BLOCK) {
            throw entries == 0 ? notATar() : cutShort();
        }
        if (Arrays.equals(header, new byte[BLOCK])) {
            endMarked = true;
            return false;
        }
        if (!TarHeader.hasChecksum(header)) {
            throw entries == 0 ? notATar() : corrupt("the checksum of a header is wrong");
        }
        return true;
    }

    private byte[] readMetadata(long size, int max) throws IOException {
        if (size > max) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: the name and attributes of an entry take "
                    + size + " bytes, the limit is " + max);
        }
        byte[] data = new byte[(int) size];
        if (in.readFully(data, 0, data.length) < data.length || !in.skip(-size & BLOCK - 1)) {
            throw cutShort();
        }
        return data;
    }

    private void skipMetadata(long size) throws IOException {
        if (!in.skip(size) || !in.skip(-size & BLOCK - 1)) {
            throw cutShort();
        }
    }

    private RawPath checked(byte[] path, String what) throws LayerException {
        if (path.length > limits.pathBytes()) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: the " + what + " of an entry has "
                    + path.length + " bytes, the limit is " + limits.pathBytes());
        }
        String text = new String(path, ISO_8859_1);
        if (text.indexOf(0) >= 0) {
            throw corrupt("the " + what + " of an entry contains NUL");
        }
        return RawPath.ofLatin1(text);
    }

    private static RawPath withoutSlash(RawPath name) {
        String text = name.latin1();
        int end = text.length();
        while (end > 1 && text.charAt(end - 1) == '/') {
            end--;
        }
        return end == text.length() ? name : RawPath.ofLatin1(text.substring(0, end));
    }

    private static LayerException notATar() {
        return new LayerException(Code.NOT_AN_ARCHIVE,
                "reading an archive: it is neither a tar nor one compressed by gzip, bzip2, xz or zstd");
    }

    static LayerException corrupt(String what) {
        return new LayerException(Code.CORRUPT, "reading an archive: " + what);
    }

    private static LayerException cutShort() {
        return corrupt("it ends in the middle of an entry; was it sent whole?");
    }
}
