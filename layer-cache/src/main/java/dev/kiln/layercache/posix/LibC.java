package dev.kiln.layercache.posix;

import java.nio.ByteBuffer;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import org.jspecify.annotations.Nullable;

/**
 * The C library's calls on files, as they are: paths end with NUL, a result of -1 means that {@link #errno} has the reason.
 *
 * <p>{@code errno} is kept by jffi for each carrier thread. A virtual thread stays on its carrier between a call and the
 * question for its error, for it gives way only where it blocks.
 */
final class LibC {
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;

    /** These two differ between the architectures. */
    static final int O_DIRECTORY = isArm() ? 040000 : 0200000;
    static final int O_NOFOLLOW = isArm() ? 0100000 : 0400000;

    static final long FS_IOC_GETFLAGS = 0x80086601L;
    static final long FS_IOC_SETFLAGS = 0x40086602L;

    private LibC() {}

    /** Public only because the class that jnr makes for it lives in another class loader. */
    public interface Calls {

        int statx(int dirfd, @In byte[] path, int flags, int mask, @Out byte[] statx);

        int openat(int dirfd, @In byte[] path, int flags, int mode);

        int close(int fd);

        long read(int fd, @Out ByteBuffer into, long count);

        long write(int fd, @In ByteBuffer from, long count);

        long lseek(int fd, long offset, int whence);

        int ftruncate(int fd, long length);

        int fsync(int fd);

        int syncfs(int fd);

        long copy_file_range(int from, byte @Nullable [] fromOffset, int to, byte @Nullable [] toOffset, long count,
                int flags);

        long getdents64(int fd, @Out byte[] entries, long size);

        int fchmodat(int dirfd, @In byte[] path, int mode, int flags);

        int fchmod(int fd, int mode);

        int fchownat(int dirfd, @In byte[] path, int uid, int gid, int flags);

        int fchown(int fd, int uid, int gid);

        int utimensat(int dirfd, @In byte[] path, @In long[] times, int flags);

        int futimens(int fd, @In long[] times);

        int mkdir(@In byte[] path, int mode);

        int mknod(@In byte[] path, int mode, long device);

        int symlink(@In byte[] target, @In byte[] path);

        int linkat(int fromDir, @In byte[] from, int toDir, @In byte[] to, int flags);

        long readlink(@In byte[] path, @Out byte[] target, long size);

        int renameat2(int fromDir, @In byte[] from, int toDir, @In byte[] to, int flags);

        int unlinkat(int dirfd, @In byte[] path, int flags);

        long lgetxattr(@In byte[] path, @In byte[] name, @Out byte[] value, long size);

        long llistxattr(@In byte[] path, @Out byte[] names, long size);

        int lsetxattr(@In byte[] path, @In byte[] name, @In byte[] value, long size, int flags);

        int lremovexattr(@In byte[] path, @In byte[] name);

        int ioctl(int fd, long request, int[] argument);

        String strerror(int number);
    }

    static Calls get() {
        return Loaded.LIBC;
    }

    static int errno() {
        return LastError.getLastError(Loaded.RUNTIME);
    }

    private static boolean isArm() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    /** Loads jnr (some tenths of a second) when first asked. */
    private static final class Loaded {
        private static final Calls LIBC = load();
        private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

        private Loaded() {}

        private static Calls load() {
            String arch = System.getProperty("os.arch");
            String os = System.getProperty("os.name");
            if (!os.equals("Linux") || !arch.equals("amd64") && !arch.equals("aarch64")) {
                throw new UnsupportedOperationException(
                        "Kiln works with files on Linux x86_64 and aarch64 only; this is "
                                + os + " " + arch);
            }
            return LibraryLoader.create(Calls.class).load("libc.so.6");
        }
    }
}
