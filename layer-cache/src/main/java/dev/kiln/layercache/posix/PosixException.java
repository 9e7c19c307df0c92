package dev.kiln.layercache.posix;

import java.io.IOException;

/** A call to the system that failed. The message says what was being done, to what, and the error's name and meaning. */
public final class PosixException extends IOException {
    private static final long serialVersionUID = 1L;
    private final Errno errno;

    PosixException(String doing, RawPath path, Errno errno, String meaning) {
        super(doing + " " + path + ": " + errno + " (" + meaning + ")");
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }

    /** True when the file, or a directory on the way to it, is not there. */
    public boolean isMissing() {
        return errno == Errno.ENOENT || errno == Errno.ENOTDIR;
    }

    /** True when the same call may succeed later without anybody changing its input. */
    public boolean retryable() {
        return switch (errno) {
            case EINTR, EAGAIN, EBUSY, ENOSPC, EDQUOT, ENFILE, EMFILE, ENOMEM, EIO -> true;
            default -> false;
        };
    }
}
