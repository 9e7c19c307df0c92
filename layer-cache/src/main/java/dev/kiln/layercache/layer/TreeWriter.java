package dev.kiln.layercache.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/**
 * Makes files from entries, at paths that others have found safe. Modes and times of directories are set by
 * {@link #finish}, when nothing is made in them any more.
 */
final class TreeWriter {
    private static final int PRIVATE_FILE = 0600;
    private static final int PRIVATE_DIRECTORY = 0700;
    private final Owners owners;
    private final NavigableMap<RawPath, Pending> directories = new TreeMap<>();

    private record Pending(int mode, Instant modified) {}

    TreeWriter(Owners owners) {
        this.owners = owners;
    }

    /** Makes a file, link or device where nothing is; {@code EEXIST} when something is. Not for directories. */
    void make(RawPath path, TarEntry entry, TarReader content) throws IOException {
        switch (entry.kind()) {
            case FILE -> makeFile(path, entry, content);
            case SYMLINK -> {
                Posix.symlink(entry.link(), path);
                setAttributes(path, entry.attributes(), false);
            }
            case CHARACTER_DEVICE -> makeNode(path, FileType.CHARACTER_DEVICE, entry);
            case BLOCK_DEVICE -> makeNode(path, FileType.BLOCK_DEVICE, entry);
            case FIFO -> makeNode(path, FileType.FIFO, entry);
            case DIRECTORY, HARD_LINK -> throw new IllegalArgumentException(entry.kind() + " is made otherwise");
        }
    }

    private void makeFile(RawPath path, TarEntry entry, TarReader content) throws IOException {
        Attributes attributes = entry.attributes();
        try (FileHandle file = FileHandle.create(path, PRIVATE_FILE)) {
            FileSink sink = new FileSink(file);
            content.copyContent(sink);
            sink.finish(entry.size());
            if (owners == Owners.KEEP) {
                file.chown(attributes.owner());
            }
            setXattrs(path, attributes.xattrs());
            file.chmod(attributes.mode());
            file.setModified(attributes.modified());
        }
    }

    private void makeNode(RawPath path, FileType type, TarEntry entry) throws IOException {
        Posix.mknod(path, type, 0, entry.device());
        setAttributes(path, entry.attributes(), true);
    }

    /** Gives what is there, but no directory, these attributes. */
    void setAttributes(RawPath path, Attributes attributes, boolean hasMode) throws IOException {
        if (owners == Owners.KEEP) {
            Posix.chown(path, attributes.owner());
        }
        setXattrs(path, attributes.xattrs());
        if (hasMode) {
            Posix.chmod(path, attributes.mode());
        }
        Posix.setModified(path, attributes.modified());
    }

    /** Makes a directory where nothing is; {@code EEXIST} when something is. */
    void makeDirectory(RawPath path, Attributes attributes) throws IOException {
        Posix.mkdir(path, PRIVATE_DIRECTORY);
        setDirectory(path, attributes);
    }

    /** Gives a directory that is there these attributes; mode and time when all is done. */
    void setDirectory(RawPath path, Attributes attributes) throws IOException {
        if (owners == Owners.KEEP) {
            Posix.chown(path, attributes.owner());
        }
        setXattrs(path, attributes.xattrs());
        directories.put(path, new Pending(attributes.mode(), attributes.modified()));
    }

    /** Makes a directory hide what the layers below have in it. */
    void makeOpaque(RawPath directory) throws IOException {
        try {
            Posix.setxattr(directory, Whiteouts.OPAQUE, Whiteouts.opaqueValue());
        } catch (PosixException e) {
            if (e.errno() != Errno.EPERM || owners == Owners.KEEP) {
                throw e;
            }
            Posix.setxattr(directory, Whiteouts.USER_OPAQUE, Whiteouts.opaqueValue());
        }
    }

    /** Removes what is at {@code path} with all below it. */
    void remove(RawPath path) throws IOException {
        Posix.deleteTree(path);
        directories.remove(path);
        // '0' follows '/': the paths between are those below.
        directories.subMap(RawPath.ofLatin1(path.latin1() + "/"), RawPath.ofLatin1(path.latin1() + "0")).clear();
    }

    /** Sets modes and times of the directories, the inner ones first. */
    void finish() throws IOException {
        for (Map.Entry<RawPath, Pending> directory : directories.descendingMap().entrySet()) {
            Posix.chmod(directory.getKey(), directory.getValue().mode);
            Posix.setModified(directory.getKey(), directory.getValue().modified);
        }
    }

    private void setXattrs(RawPath path, Map<String, byte[]> xattrs) throws IOException {
        for (Map.Entry<String, byte[]> xattr : xattrs.entrySet()) {
            String name = xattr.getKey();
            if (Xattrs.isExtracted(name) && (owners == Owners.KEEP || name.startsWith("user."))) {
                setXattr(path, name, xattr.getValue());
            }
        }
    }

    /** What this filesystem, or this kind of file, cannot have is left out, as containerd leaves it. */
    private static void setXattr(RawPath path, String name, byte[] value) throws IOException {
        try {
            Posix.setxattr(path, name, value);
        } catch (PosixException e) {
            boolean userOnOther = e.errno() == Errno.EPERM && name.startsWith("user.") && !holdsUserXattrs(path);
            if (e.errno() != Errno.EOPNOTSUPP && !userOnOther) {
                throw e;
            }
        }
    }

    private static boolean holdsUserXattrs(RawPath path) throws IOException {
        FileType type = Posix.lstat(path).type();
        return type == FileType.REGULAR || type == FileType.DIRECTORY;
    }

    /** Holes of the archive become holes of the file. */
    private static final class FileSink implements TarReader.ContentSink {
        private final FileHandle file;
        private boolean endsInHole;

        private FileSink(FileHandle file) {
            this.file = file;
        }

        @Override
        public void data(byte[] bytes, int offset, int length) throws IOException {
            file.write(ByteBuffer.wrap(bytes, offset, length));
            endsInHole = false;
        }

        @Override
        public void hole(long length) throws IOException {
            file.skip(length);
            endsInHole = true;
        }

        private void finish(long size) throws IOException {
            if (endsInHole) {
                file.truncate(size);
            }
        }
    }

    static LayerException badLink(TarEntry entry, String why) {
        return new LayerException(Code.BAD_LINK,
                "reading an archive: the " + describe(entry.kind()) + " " + entry.name()
                        + " names " + entry.link() + ", " + why);
    }

    private static String describe(Kind kind) {
        return kind == Kind.HARD_LINK ? "hard link" : "symbolic link";
    }
}
