package dev.kiln.layercache.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.FileId;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileStat.Space;
import dev.kiln.layercache.posix.FileStat.Times;

import static dev.kiln.layercache.posix.LibC.AT_FDCWD;
import static dev.kiln.layercache.posix.LibC.AT_SYMLINK_NOFOLLOW;
import static dev.kiln.layercache.posix.LibC.errno;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Calls on names of files. None follows a symbolic link in the last component, {@link #chmod} excepted. Modes are not
 * subject to the umask's surprise: {@link #chmod} sets them exactly.
 */
public final class Posix {
    private static final int STATX_BTIME = 0x800;
    private static final int STATX_WANTED = 0x7ff | STATX_BTIME;
    /** The unit in which the kernel counts blocks, whatever those of the filesystem are. */
    private static final long SECTOR = 512;
    static final int STATX_SIZE = 256;
    private static final int DIRENTS_SIZE = 32 * 1024;
    private static final int FIRST_TRY = 256;
    private static final long UTIME_OMIT = (1L << 30) - 2;

    private Posix() {}

    /** What the file is, or empty when it or its directory is not there. */
    public static Optional<FileStat> lstatIfExists(RawPath path) throws IOException {
        byte[] statx = new byte[STATX_SIZE];
        if (LibC.get().statx(AT_FDCWD, path.terminated(), AT_SYMLINK_NOFOLLOW, STATX_WANTED, statx) == 0) {
            return Optional.of(decode(statx));
        }
        PosixException failure = failure("looking at", path, errno());
        if (failure.isMissing()) {
            return Optional.empty();
        }
        throw failure;
    }

    public static FileStat lstat(RawPath path) throws IOException {
        byte[] statx = new byte[STATX_SIZE];
        check(LibC.get().statx(AT_FDCWD, path.terminated(), AT_SYMLINK_NOFOLLOW, STATX_WANTED, statx),
                "looking at",
                path);
        return decode(statx);
    }

    /** {@code struct statx} of linux/stat.h. */
    static FileStat decode(byte[] statx) {
        ByteBuffer b = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
        long links = Integer.toUnsignedLong(b.getInt(0x10));
        Owner owner = new Owner(Integer.toUnsignedLong(b.getInt(0x14)), Integer.toUnsignedLong(b.getInt(0x18)));
        int mode = Short.toUnsignedInt(b.getShort(0x1c));
        long filesystem = (long) b.getInt(0x88) << 32 | Integer.toUnsignedLong(b.getInt(0x8c));
        boolean knowsBirth = (b.getInt(0) & STATX_BTIME) != 0;
        Times times = new Times(instant(b, 0x70), instant(b, 0x60),
                knowsBirth ? Optional.of(instant(b, 0x50)) : Optional.empty());
        Space space = new Space(b.getLong(0x28), b.getLong(0x30) * SECTOR);
        return new FileStat(mode, owner, space, new FileId(filesystem, b.getLong(0x20)), links,
                new Device(b.getInt(0x80), b.getInt(0x84)), times);
    }

    private static Instant instant(ByteBuffer statx, int offset) {
        return Instant.ofEpochSecond(statx.getLong(offset), statx.getInt(offset + 8));
    }

    /** The names in a directory but {@code .} and {@code ..}, in the order of the filesystem. */
    public static List<DirEntry> list(RawPath directory) throws IOException {
        try (FileHandle handle = FileHandle.openDirectory(directory)) {
            return list(handle, directory);
        }
    }

    static List<DirEntry> list(FileHandle handle, RawPath directory) throws IOException {
        List<DirEntry> entries = new ArrayList<>();
        check(LibC.get().lseek(handle.fd(), 0, 0), "listing", directory);
        byte[] buffer = new byte[DIRENTS_SIZE];
        long filled;
        while ((filled = check(LibC.get().getdents64(handle.fd(), buffer, buffer.length), "listing", directory)) > 0) {
            decodeEntries(ByteBuffer.wrap(buffer, 0, (int) filled).order(ByteOrder.nativeOrder()), directory, entries);
        }
        return entries;
    }

    /** A run of {@code struct linux_dirent64}. */
    private static void decodeEntries(ByteBuffer run, RawPath directory, List<DirEntry> into) throws IOException {
        for (int at = 0; at < run.limit(); at += Short.toUnsignedInt(run.getShort(at + 16))) {
            int start = at + 19;
            int end = start;
            while (run.get(end) != 0) {
                end++;
            }
            RawPath name = RawPath.ofBytes(Arrays.copyOfRange(run.array(), start, end));
            if (!name.latin1().equals(".") && !name.latin1().equals("..")) {
                Optional<FileType> type = FileType.ofDirentType(run.get(at + 18));
                into.add(new DirEntry(name, type.isPresent() ? type.get() : lstat(directory.resolve(name)).type()));
            }
        }
    }

    public static void chown(RawPath path, Owner owner) throws IOException {
        check(LibC.get()
            .fchownat(AT_FDCWD, path.terminated(), (int) owner.uid(), (int) owner.gid(), AT_SYMLINK_NOFOLLOW),
                "setting the owner of", path);
    }

    /** Sets the permission bits (up to 07777); follows symbolic links, which have none of their own. */
    public static void chmod(RawPath path, int mode) throws IOException {
        check(LibC.get().fchmodat(AT_FDCWD, path.terminated(), mode, 0), "setting the mode of", path);
    }

    /** Sets the time of change, and with it the time of access. */
    public static void setModified(RawPath path, Instant time) throws IOException {
        check(LibC.get().utimensat(AT_FDCWD, path.terminated(), timespecs(time), AT_SYMLINK_NOFOLLOW),
                "setting the time of", path);
    }

    static long[] timespecs(Instant time) {
        return new long[]{time.getEpochSecond(), time.getNano(), time.getEpochSecond(), time.getNano()};
    }

    /** Sets the time of change and leaves the time of access. */
    public static void setModifiedOnly(RawPath path, Instant time) throws IOException {
        long[] times = {0, UTIME_OMIT, time.getEpochSecond(), time.getNano()};
        check(LibC.get().utimensat(AT_FDCWD, path.terminated(), times, AT_SYMLINK_NOFOLLOW), "setting the time of",
                path);
    }

    /** Makes a directory whose permissions are {@code mode} less the umask. */
    public static void mkdir(RawPath path, int mode) throws IOException {
        check(LibC.get().mkdir(path.terminated(), mode), "making the directory", path);
    }

    /** Makes a device, a fifo, a socket or an empty file; permissions are {@code mode} less the umask. */
    public static void mknod(RawPath path, FileType type, int mode, Device device) throws IOException {
        check(LibC.get().mknod(path.terminated(), type.bits() | mode, device.packed()), "making a " + type.describe(),
                path);
    }

    public static void symlink(RawPath target, RawPath path) throws IOException {
        check(LibC.get().symlink(target.terminated(), path.terminated()), "making the symbolic link", path);
    }

    /** Gives the file at {@code existing}, which may be a symbolic link itself, a further name. */
    public static void link(RawPath existing, RawPath path) throws IOException {
        check(LibC.get().linkat(AT_FDCWD, existing.terminated(), AT_FDCWD, path.terminated(), 0),
                "making a hard link to " + existing + " at", path);
    }

    public static RawPath readlink(RawPath path) throws IOException {
        for (int size = FIRST_TRY;; size *= 4) {
            byte[] target = new byte[size];
            int length = (int) check(LibC.get().readlink(path.terminated(), target, size), "reading the link", path);
            if (length < size) {
                return RawPath.ofBytes(Arrays.copyOf(target, length));
            }
        }
    }

    /** Gives {@code from} the name {@code to} in one step, replacing what is there. */
    public static void rename(RawPath from, RawPath to) throws IOException {
        check(LibC.get().renameat2(AT_FDCWD, from.terminated(), AT_FDCWD, to.terminated(), 0),
                "renaming to " + to + " the file", from);
    }

    /** As {@link #rename}, but fails with {@code EEXIST} when something is there. */
    public static void renameNoReplace(RawPath from, RawPath to) throws IOException {
        int noReplace = 1;
        check(LibC.get().renameat2(AT_FDCWD, from.terminated(), AT_FDCWD, to.terminated(), noReplace),
                "renaming to " + to + " the file", from);
    }

    /** Lets the two swap their places in one step. */
    public static void exchange(RawPath one, RawPath other) throws IOException {
        int exchange = 2;
        check(LibC.get().renameat2(AT_FDCWD, one.terminated(), AT_FDCWD, other.terminated(), exchange),
                "exchanging with " + other + " the file", one);
    }

    /** Removes a name that is not of a directory. */
    public static void unlink(RawPath path) throws IOException {
        check(LibC.get().unlinkat(AT_FDCWD, path.terminated(), 0), "removing", path);
    }

    public static void rmdir(RawPath path) throws IOException {
        check(LibC.get().unlinkat(AT_FDCWD, path.terminated(), LibC.AT_REMOVEDIR), "removing the directory", path);
    }

    /**
     * Removes the file or the directory with all that is in it; symbolic links are removed, not followed. Modes that
     * forbid it and immutable flags are undone first; names too deep for a path are reached. Something that is not there
     * is no error. What is mounted inside stops it with {@code EBUSY}: unmount first.
     */
    public static void deleteTree(RawPath path) throws IOException {
        new TreeDeleter().delete(path);
    }

    /** Makes the names in a directory, or the content of a file, survive a crash of the machine. */
    public static void sync(RawPath path) throws IOException {
        try (FileHandle handle = FileHandle.openForReading(path)) {
            handle.sync();
        }
    }

    /** Makes all that was written so far to the filesystem of the file or directory survive a crash of the machine. */
    public static void syncFilesystem(RawPath path) throws IOException {
        try (FileHandle handle = FileHandle.openForReading(path)) {
            check(LibC.get().syncfs(handle.fd()), "writing out the filesystem of", path);
        }
    }

    /** The value of an extended attribute, or empty when the file has none of that name or cannot have any. */
    public static Optional<byte[]> getxattr(RawPath path, String name) throws IOException {
        byte[] rawName = RawPath.ofUtf8(name).terminated();
        for (int size = FIRST_TRY;;) {
            byte[] value = new byte[size];
            long length = LibC.get().lgetxattr(path.terminated(), rawName, value, size);
            if (length >= 0) {
                return Optional.of(Arrays.copyOf(value, (int) length));
            }
            PosixException failure = failure("reading the attribute " + name + " of", path, errno());
            switch (failure.errno()) {
                case ENODATA, EOPNOTSUPP -> {
                    return Optional.empty();
                }
                case ERANGE -> size = (int) check(LibC.get().lgetxattr(path.terminated(), rawName, new byte[0], 0),
                        "reading the attribute " + name + " of", path);
                default -> throw failure;
            }
        }
    }

    /** The names of the file's extended attributes that this process may see, in no order. */
    public static List<String> listxattr(RawPath path) throws IOException {
        for (int size = FIRST_TRY;;) {
            byte[] names = new byte[size];
            long length = LibC.get().llistxattr(path.terminated(), names, size);
            if (length >= 0) {
                return length == 0 ? List.of() : List.of(new String(names, 0, (int) length, UTF_8).split("\0"));
            }
            PosixException failure = failure("listing the attributes of", path, errno());
            switch (failure.errno()) {
                case EOPNOTSUPP -> {
                    return List.of();
                }
                case ERANGE -> size = (int) check(LibC.get().llistxattr(path.terminated(), new byte[0], 0),
                        "listing the attributes of", path);
                default -> throw failure;
            }
        }
    }

    public static void setxattr(RawPath path, String name, byte[] value) throws IOException {
        check(LibC.get().lsetxattr(path.terminated(), RawPath.ofUtf8(name).terminated(), value, value.length, 0),
                "setting the attribute " + name + " of", path);
    }

    public static void removexattr(RawPath path, String name) throws IOException {
        check(LibC.get().lremovexattr(path.terminated(), RawPath.ofUtf8(name).terminated()),
                "removing the attribute " + name + " of", path);
    }

    static long check(long result, String doing, RawPath path) throws PosixException {
        if (result < 0) {
            throw failure(doing, path, errno());
        }
        return result;
    }

    static PosixException failure(String doing, RawPath path, int errno) {
        return new PosixException(doing, path, Errno.of(errno), LibC.get().strerror(errno));
    }
}
