package dev.kiln.executor.history;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

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
    /** What a list of {@link #MOST} long paths may inflate to. */
    private static final int MOST_BYTES = 64 << 20;

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

    /** Its form on disk. */
    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(entries.length / 2 + 64);
        Deflater fast = new Deflater(Deflater.BEST_SPEED);
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes, fast, 16 * 1024))) {
            out.writeByte(FORM);
            out.writeBoolean(whole);
            out.writeInt(files);
            out.writeInt(entries.length);
            out.write(entries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            fast.end();
        }
        return bytes.toByteArray();
    }

    /** Empty when the bytes are not of this form; deflate's own checksum tells damage. */
    static Optional<FileList> decode(byte[] file) {
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(file)))) {
            int form = in.readUnsignedByte();
            boolean whole = in.readBoolean();
            int files = in.readInt();
            int length = in.readInt();
            if (form != FORM || files < 0 || files > MOST || length < 0 || length > MOST_BYTES) {
                return Optional.empty();
            }
            byte[] entries = in.readNBytes(length);
            if (entries.length < length || in.read() >= 0) {
                return Optional.empty();
            }
            return Optional.of(checked(new FileList(entries, files, whole)));
        } catch (IOException | UncheckedIOException | IndexOutOfBoundsException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static FileList checked(FileList list) throws EOFException {
        int known = list.byPath().size();
        if (known > list.files) {
            throw new EOFException();
        }
        return list;
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
