package dev.kiln.executor.mount;

import java.io.IOException;

import dev.kiln.layercache.posix.Errno;

/** A mount or unmount that the kernel refused. The message has what the kernel itself said about it. */
public final class MountException extends IOException {
    private static final long serialVersionUID = 1L;
    private final Errno errno;

    MountException(Errno errno, String message) {
        super(message);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    /** True when the same call may succeed later. */
    public boolean retryable() {
        return switch (errno) {
            case EBUSY, EINTR, EAGAIN, ENOMEM, ENFILE, EMFILE, ENOSPC -> true;
            default -> false;
        };
    }
}
