package dev.kiln.executor.runtime;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * Counts how often a memory limit of cgroup v1 was hit for good, by an eventfd: there is a counter to be read too, but
 * only in the container's own cgroup, which the runtime removes. See the kernel's cgroup-v1/memory.rst, "OOM Control".
 */
final class OomEvents implements AutoCloseable {
    private static final int O_WRONLY = 1;
    private static final int O_CLOEXEC = 02000000;
    private static final int EFD_NONBLOCK = 04000;

    private final int eventFd;

    private OomEvents(int eventFd) {
        this.eventFd = eventFd;
    }

    /** Begins to count for the limit that is set in this directory. */
    static OomEvents of(Path directory) throws RuntimeFailure {
        int event = check(Kernel.CALLS.eventfd(0, O_CLOEXEC | EFD_NONBLOCK), directory);
        int oomControl = -1;
        int control = -1;
        try {
            oomControl = check(Kernel.CALLS.open(bytes(directory.resolve("memory.oom_control").toString() + "\0"),
                    O_CLOEXEC), directory);
            control = check(Kernel.CALLS.open(bytes(directory.resolve("cgroup.event_control").toString() + "\0"),
                    O_WRONLY | O_CLOEXEC), directory);
            byte[] request = bytes(event + " " + oomControl);
            check((int) Kernel.CALLS.write(control, request, request.length), directory);
            return new OomEvents(event);
        } catch (RuntimeFailure e) {
            close(event);
            throw e;
        } finally {
            close(oomControl);
            close(control);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int check(int result, Path directory) throws RuntimeFailure {
        if (result < 0) {
            int errno = LastError.getLastError(Kernel.RUNTIME);
            throw new RuntimeFailure("watching the memory limit of " + directory + ": " + Kernel.CALLS.strerror(errno));
        }
        return result;
    }

    /** Closing an eventfd, or what was only read or written once, cannot lose anything. */
    private static void close(int fd) {
        if (fd >= 0) {
            int unused = Kernel.CALLS.close(fd);
        }
    }

    /** True when it happened since the last question. */
    boolean happened() {
        return Kernel.CALLS.read(eventFd, new byte[Long.BYTES], Long.BYTES) == Long.BYTES;
    }

    @Override
    public void close() {
        close(eventFd);
    }

    /** Public because jnr implements it in a class of another loader. */
    public interface Calls {
        int eventfd(int initial, int flags);

        int open(@In byte[] path, int flags);

        long write(int fd, @In byte[] bytes, long length);

        long read(int fd, @Out byte[] bytes, long length);

        int close(int fd);

        String strerror(int number);
    }

    private static final class Kernel {
        private static final Calls CALLS = LibraryLoader.create(Calls.class).load("libc.so.6");
        private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

        private Kernel() {}
    }
}
