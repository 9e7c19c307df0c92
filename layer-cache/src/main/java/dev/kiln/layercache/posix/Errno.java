package dev.kiln.layercache.posix;

/** The errors that calls on files give, by their Linux names; the numbers are those of x86_64 and aarch64. */
public enum Errno {
    EPERM(1),
    ENOENT(2),
    EINTR(4),
    EIO(5),
    ENXIO(6),
    E2BIG(7),
    EBADF(9),
    EAGAIN(11),
    ENOMEM(12),
    EACCES(13),
    EFAULT(14),
    EBUSY(16),
    EEXIST(17),
    EXDEV(18),
    ENODEV(19),
    ENOTDIR(20),
    EISDIR(21),
    EINVAL(22),
    ENFILE(23),
    EMFILE(24),
    ENOTTY(25),
    ETXTBSY(26),
    EFBIG(27),
    ENOSPC(28),
    ESPIPE(29),
    EROFS(30),
    EMLINK(31),
    EPIPE(32),
    ERANGE(34),
    ENAMETOOLONG(36),
    ENOSYS(38),
    ENOTEMPTY(39),
    ELOOP(40),
    ENODATA(61),
    EOVERFLOW(75),
    EOPNOTSUPP(95),
    ESTALE(116),
    EDQUOT(122),
    /** An error without a name here; the message has its meaning. */
    OTHER(-1);

    private static final Errno[] VALUES = values();
    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /** The name of {@code errno}. */
    public static Errno of(int number) {
        for (Errno errno : VALUES) {
            if (errno.number == number) {
                return errno;
            }
        }
        return OTHER;
    }
}
