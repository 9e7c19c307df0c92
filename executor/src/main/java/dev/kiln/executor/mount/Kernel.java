package dev.kiln.executor.mount;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import org.jspecify.annotations.Nullable;

/**
 * The calls that mount, as they are: paths end with NUL, a result of -1 means that {@link #errno} has the reason.
 *
 * <p>The calls of the new mount API go through {@code syscall}, because the C library has them only since glibc 2.36; their
 * numbers are the same on all architectures. {@code errno} is kept for each carrier thread; a virtual thread stays on its
 * carrier between a call and the question for its error.
 */
final class Kernel {
    static final int AT_FDCWD = -100;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int O_PATH = 010000000;
    static final int O_CLOEXEC = 02000000;

    static final int SYS_OPENAT2 = 437;
    static final int SYS_OPEN_TREE = 428;
    static final int SYS_MOVE_MOUNT = 429;
    static final int SYS_FSOPEN = 430;
    static final int SYS_FSCONFIG = 431;
    static final int SYS_FSMOUNT = 432;
    static final int SYS_MOUNT_SETATTR = 442;

    static final int OPEN_TREE_CLONE = 1;
    static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    static final int FSOPEN_CLOEXEC = 1;
    static final int FSMOUNT_CLOEXEC = 1;
    static final int FSCONFIG_SET_FLAG = 0;
    static final int FSCONFIG_SET_STRING = 1;
    static final int FSCONFIG_CMD_CREATE = 6;
    static final int MOUNT_ATTR_RDONLY = 1;
    static final long RESOLVE_NO_MAGICLINKS = 2;
    static final long RESOLVE_IN_ROOT = 16;

    static final long MS_RDONLY = 1;
    static final long MS_NOSUID = 2;
    static final long MS_NODEV = 4;
    static final long MS_REMOUNT = 1 << 5;
    static final long MS_PRIVATE = 1 << 18;
    static final int MNT_DETACH = 2;
    static final int UMOUNT_NOFOLLOW = 8;

    static final byte[] EMPTY = {0};

    private Kernel() {}

    static Calls get() {
        return Loaded.KERNEL;
    }

    static int errno() {
        return LastError.getLastError(Loaded.RUNTIME);
    }

    /** Public because jnr implements it in a class of another loader. */
    public interface Calls {
        int open(@In byte[] path, int flags);

        int close(int fd);

        long read(int fd, @Out byte[] into, long count);

        int mount(@In byte @Nullable [] source, @In byte[] target, @In byte @Nullable [] type, long flags,
                @In byte @Nullable [] data);

        int umount2(@In byte[] target, int flags);

        String strerror(int number);

        /** {@code fsopen(type, flags)}. */
        long syscall(long number, @In byte[] type, long flags);

        /** {@code fsconfig(fd, command, key, value, 0)}; a null array is a null pointer. */
        long syscall(long number, long fd, long command, @In byte @Nullable [] key, @In byte @Nullable [] value,
                long zero);

        /** {@code fsmount(fd, flags, attributes)}. */
        long syscall(long number, long fd, long flags, long attributes);

        /** {@code open_tree(dirfd, path, flags)}. */
        long syscall(long number, long dirfd, @In byte[] path, long flags);

        /** {@code move_mount(fromfd, from, tofd, to, flags)}. */
        long syscall(long number, long from, @In byte[] fromPath, long to, @In byte[] toPath, long flags);

        /** {@code openat2(dirfd, path, how, size)}. */
        long syscall(long number, long dirfd, @In byte[] path, @In long[] how, long size);

        /** {@code mount_setattr(fd, path, flags, attributes, size)}. */
        long syscall(long number, long fd, @In byte[] path, long flags, @In long[] attributes, long size);
    }

    /** Loads jnr (some tenths of a second) when first asked. */
    private static final class Loaded {
        private static final Calls KERNEL = LibraryLoader.create(Calls.class).load("libc.so.6");
        private static final Runtime RUNTIME = Runtime.getRuntime(KERNEL);

        private Loaded() {}
    }
}
