package dev.kiln.executor.history;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.RawPath;

/**
 * The files behind a content key, in the order in which they were walked: enough of each to tell what changed.
 *
 * <p>In memory and on disk it is the same few bytes for each file. Fingerprints are the first eight bytes of a digest:
 * that two files have the same by chance spoils an explanation, no result.
 */
public final class FileList {
    /** Of more files, only these are kept. */
    public static final int MOST = 100_000;
    private static final int FORM = 1;
    private static final int HEADER = 2 + Integer.BYTES;
    /** Of one file, without its path: type, mode, owner, fingerprints. */
    private static final int ENTRY = 1 + Short.BYTES + 2 * Integer.BYTES + 2 * Long.BYTES;
    private static final int MOST_BYTES = 32 << 20;

    private final byte[] entries;
    private final int files;
    private final boolean whole;

    private FileList(byte[] entries, int files, boolean whole) {
        this.entries = entries;
        this.files = files;
        this.whole = whole;
    }

    /**
     * One file.
     *
     * @param mode permission bits
     * @param attributes of its extended attributes; 0 without any
     * @param content of its data or of the target of a link; 0 for other types
     */
    record Entry(FileType type, int mode, long uid, long gid, long attributes, long content) {}

    /** False when there were more than {@link #MOST} files. */
    boolean isWhole() {
        return whole;
    }

    /** By path, for people and for comparing; what stands twice in the list stands as the last. */
    Map<String, Entry> byPath() {
        Map<String, Entry> all = LinkedHashMap.newLinkedHashMap(files);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(entries))) {
            for (int i = 0; i < files; i++) {
                byte[] path = in.readNBytes(in.readUnsignedShort());
                all.put(RawPath.ofBytes(path).toString(), entry(in));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static Entry entry(DataInputStream in) throws IOException {
        FileType type = FileType.values()[in.readUnsignedByte()];
        return new Entry(type, in.readUnsignedShort(), in.readInt() & 0xffff_ffffL, in.readInt() & 0xffff_ffffL,
                in.readLong(), in.readLong());
    }

    /** Its form in a file. */
    byte[] encode() {
        return ByteBuffer.allocate(HEADER + entries.length)
            .put((byte) FORM)
            .put((byte) (whole ? 1 : 0))
            .putInt(files)
            .put(entries)
            .array();
    }

    /** Empty when the bytes are not of this form. */
    static Optional<FileList> decode(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file);
        if (file.length < HEADER || in.get() != FORM) {
            return Optional.empty();
        }
        boolean whole = in.get() != 0;
        int files = in.getInt();
        byte[] entries = Arrays.copyOfRange(file, HEADER, file.length);
        return files < 0 || files > MOST || !hold(entries, files)
                ? Optional.empty()
                : Optional.of(new FileList(entries, files, whole));
    }

    /** Whether these are so many entries and nothing else. */
    private static boolean hold(byte[] entries, int files) {
        ByteBuffer in = ByteBuffer.wrap(entries);
        for (int i = 0; i < files; i++) {
            int path = in.remaining() < Short.BYTES ? Integer.MAX_VALUE : Short.toUnsignedInt(in.getShort());
            if (path > in.remaining() - ENTRY) {
                return false;
            }
            for (int end = in.position() + path; in.position() < end;) {
                if (in.get() == 0) {
                    return false;
                }
            }
            if (Byte.toUnsignedInt(in.get(in.position())) >= FileType.values().length) {
                return false;
            }
            in.position(in.position() + ENTRY);
        }
        return !in.hasRemaining();
    }

    /** Makes a list; for one thread. */
    public static final class Builder {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        private final DataOutputStream out = new DataOutputStream(bytes);
        private int files;
        private boolean whole = true;

        /**
         * @param path from the root of the files
         * @param attributes digest of the extended attributes; empty without any
         * @param content digest of the data or the link's target; empty for other types
         */
        public void add(RawPath path, FileType type, int mode, long uid, long gid, byte[] attributes,
                byte[] content) {
            if (files == MOST || bytes.size() > MOST_BYTES - 2 * path.length()) {
                whole = false;
                return;
            }
            byte[] name = path.bytes();
            if (name.length > 0xffff) {
                whole = false;
                return;
            }
            try {
                out.writeShort(name.length);
                out.write(name);
                out.writeByte(type.ordinal());
                out.writeShort(mode);
                out.writeInt((int) uid);
                out.writeInt((int) gid);
                out.writeLong(fingerprint(attributes));
                out.writeLong(fingerprint(content));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            files++;
        }

        private static long fingerprint(byte[] digest) {
            long first = 0;
            for (int i = 0; i < Math.min(Long.BYTES, digest.length); i++) {
                first = first << Byte.SIZE | digest[i] & 0xff;
            }
            return first;
        }

        public FileList build() {
            return new FileList(bytes.toByteArray(), files, whole);
        }
    }
}
