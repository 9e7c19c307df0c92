package dev.kiln.layercache.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;

import dev.kiln.layercache.posix.FileStat.Owner;

import static dev.kiln.layercache.posix.LibC.AT_FDCWD;
import static dev.kiln.layercache.posix.LibC.O_CLOEXEC;
import static dev.kiln.layercache.posix.LibC.O_CREAT;
import static dev.kiln.layercache.posix.LibC.O_DIRECTORY;
import static dev.kiln.layercache.posix.LibC.O_EXCL;
import static dev.kiln.layercache.posix.LibC.O_NOFOLLOW;
import static dev.kiln.layercache.posix.LibC.O_NONBLOCK;
import static dev.kiln.layercache.posix.LibC.O_RDONLY;
import static dev.kiln.layercache.posix.LibC.O_WRONLY;

/**
 * An open file whose name need not fit a {@link java.nio.file.Path}. For one thread at a time; close it on every path, for
 * nothing else does.
 */
public final class FileHandle implements AutoCloseable {
    private final RawPath path;
    private final int fd;
    private boolean closed;

    private FileHandle(RawPath path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    /** Opens a regular file or a directory; a symbolic link is refused with {@code ELOOP}, a fifo does not block. */
    public static FileHandle openForReading(RawPath path) throws IOException {
        return open(AT_FDCWD, path, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    }

    /** Makes a file that nobody has made yet, and opens it for writing; permissions are {@code mode} less the umask. */
    public static FileHandle create(RawPath path, int mode) throws IOException {
        return open(AT_FDCWD, path, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    }

    static FileHandle openDirectory(RawPath path) throws IOException {
        return open(AT_FDCWD, path, path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY, 0);
    }

    static FileHandle openDirectoryFollowing(RawPath path) throws IOException {
        return open(AT_FDCWD, path, path, O_RDONLY | O_DIRECTORY, 0);
    }

    /** Opens the directory {@code name} in this one; the further path is only for messages. */
    FileHandle openDirectoryBelow(RawPath name) throws IOException {
        return open(fd, name, path.resolve(name), O_RDONLY | O_NOFOLLOW | O_DIRECTORY, 0);
    }

    FileHandle openBelow(RawPath name) throws IOException {
        return open(fd, name, path.resolve(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    }

    private static FileHandle open(int dirfd, RawPath name, RawPath path, int flags, int mode) throws IOException {
        while (true) {
            int fd = LibC.get().openat(dirfd, name.terminated(), flags | O_CLOEXEC, mode);
            if (fd >= 0) {
                return new FileHandle(path, fd);
            }
            PosixException failure = Posix.failure("opening", path, LibC.errno());
            if (failure.errno() != Errno.EINTR) {
                throw failure;
            }
        }
    }

    /** A short name for the file in this process, however long its own: for as long as this is open. */
    public Path shortPath() {
        return Path.of("/proc/self/fd", Integer.toString(fd));
    }

    int fd() {
        return fd;
    }

    RawPath path() {
        return path;
    }

    /** Reads what is there, up to the room in {@code into}; -1 at the end of the file. A direct buffer spares a copy. */
    public int read(ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            return 0;
        }
        long read;
        do {
            read = LibC.get().read(fd, into, into.remaining());
        } while (interrupted(read));
        Posix.check(read, "reading", path);
        into.position(into.position() + (int) read);
        return read == 0 ? -1 : (int) read;
    }

    /** Writes all that remains in {@code from}. */
    public void write(ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            long written;
            do {
                written = LibC.get().write(fd, from, from.remaining());
            } while (interrupted(written));
            Posix.check(written, "writing", path);
            from.position(from.position() + (int) written);
        }
    }

    private static boolean interrupted(long result) {
        return result < 0 && Errno.of(LibC.errno()) == Errno.EINTR;
    }

    /** Leaves a hole: the next {@code length} bytes read as zeros. End with {@link #truncate}, or a last hole is lost. */
    public void skip(long length) throws IOException {
        int seekCurrent = 1;
        Posix.check(LibC.get().lseek(fd, length, seekCurrent), "moving in", path);
    }

    public void truncate(long size) throws IOException {
        Posix.check(LibC.get().ftruncate(fd, size), "setting the size of", path);
    }

    /**
     * Copies up to {@code count} bytes from here to there in the kernel, sharing blocks where the filesystem can; returns
     * how many, 0 at the end of this file.
     *
     * @throws PosixException {@code EXDEV}, {@code EINVAL}, {@code EOPNOTSUPP} when these two files need reading and writing
     */
    public long copyTo(FileHandle to, long count) throws IOException {
        long copied;
        do {
            copied = LibC.get().copy_file_range(fd, null, to.fd, null, count, 0);
        } while (interrupted(copied));
        return Posix.check(copied, "copying to " + to.path + " the file", path);
    }

    public void chown(Owner owner) throws IOException {
        Posix.check(LibC.get().fchown(fd, (int) owner.uid(), (int) owner.gid()), "setting the owner of", path);
    }

    public void chmod(int mode) throws IOException {
        Posix.check(LibC.get().fchmod(fd, mode), "setting the mode of", path);
    }

    /** Sets the time of change, and with it the time of access. */
    public void setModified(Instant time) throws IOException {
        Posix.check(LibC.get().futimens(fd, Posix.timespecs(time)), "setting the time of", path);
    }

    public void sync() throws IOException {
        Posix.check(LibC.get().fsync(fd), "flushing", path);
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            Posix.check(LibC.get().close(fd), "closing", path);
        }
    }
}
