package dev.kiln.executor.mount;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.RawPath;

/** An open descriptor, closed with its block. */
record Fd(int number) implements AutoCloseable {
    private static final int RACES = 50;

    /** The result of a call that gives a descriptor, or the exception that its failure is. */
    static Fd of(long result, String doing) throws MountException {
        check(result, doing);
        return new Fd((int) result);
    }

    /** A descriptor that only names the file, so that the short {@link #path} stands for it. */
    static Fd naming(Path path) throws MountException {
        return of(Kernel.get().open(bytes(path), Kernel.O_PATH | Kernel.O_CLOEXEC), "opening " + path);
    }

    /**
     * As {@link #naming}, of what the path means to a process that has the directory as its root: links lead nowhere else,
     * also while others change them.
     */
    static Fd namingInside(Fd directory, String path) throws MountException {
        long[] how = {Kernel.O_PATH | Kernel.O_CLOEXEC, 0, Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS};
        for (int tries = 1;; tries++) {
            long opened = Kernel.get()
                .syscall(Kernel.SYS_OPENAT2, directory.number, bytes(path), how, how.length * (long) Long.BYTES);
            // The kernel gives up when directories are renamed on the way.
            if (opened >= 0 || Errno.of(Kernel.errno()) != Errno.EAGAIN || tries == RACES) {
                return of(opened, "opening " + path);
            }
        }
    }

    static void check(long result, String doing) throws MountException {
        if (result < 0) {
            throw failure(doing, "");
        }
    }

    /** The exception for the call that just failed on this thread. */
    static MountException failure(String doing, String kernelSays) {
        int number = Kernel.errno();
        return failure(number, doing, kernelSays);
    }

    static MountException failure(int number, String doing, String kernelSays) {
        Errno errno = Errno.of(number);
        String hint = errno == Errno.EPERM ? "; mounting needs root with CAP_SYS_ADMIN in this mount namespace" : "";
        return new MountException(errno, doing + ": " + Kernel.get().strerror(number) + kernelSays + hint);
    }

    static byte[] bytes(Path path) {
        byte[] bytes = RawPath.of(path).bytes();
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    static byte[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    String path() {
        return "/proc/self/fd/" + number;
    }

    /** These descriptors name files and mounts and buffer nothing: there is nothing that a failing close could lose. */
    @Override
    public void close() {
        int unused = Kernel.get().close(number);
    }
}
