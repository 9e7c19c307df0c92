package dev.kiln.executor.mount;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.posix.Errno;

/**
 * One overlay to be mounted, by the mount API of Linux 5.2 where it takes layers one at a time ({@code lowerdir+}, Linux
 * 6.7), else by {@code mount(2)}, whose options must fit in one page.
 *
 * <p>Every layer has a descriptor while the mount is made, and goes to the kernel as {@code /proc/self/fd/N} where its own
 * path will not do: it is too long, or has characters that the options give a meaning.
 */
final class OverlayMount {
    private static final String OPTIONS = "index=off,metacopy=off,redirect_dir=off";
    /** fsconfig refuses values of 256 bytes and more. */
    private static final int MAX_VALUE = 255;
    /** {@code mount(2)} copies one page, whose last byte is NUL. */
    private static final int MAX_DATA = 4095;

    private final List<Path> lower;
    private final Optional<Mount.Overlay> writable;
    private final Path target;

    OverlayMount(Mount.Overlay mount, Path target) {
        this.lower = mount.lower();
        this.writable = Optional.of(mount);
        this.target = target;
    }

    OverlayMount(Mount.ReadOnlyOverlay mount, Path target) {
        this.lower = mount.lower();
        this.writable = Optional.empty();
        this.target = target;
    }

    void mountLayerByLayer() throws MountException {
        try (Fd context = Fd.of(
                Kernel.get().syscall(Kernel.SYS_FSOPEN, Fd.bytes("overlay"), Kernel.FSOPEN_CLOEXEC), doing());
                Descriptors descriptors = new Descriptors()) {
            for (Path layer : lower) {
                configure(context, "lowerdir+", descriptors.value(layer));
            }
            if (writable.isPresent()) {
                configure(context, "upperdir", descriptors.value(writable.get().upper()));
                configure(context, "workdir", descriptors.value(writable.get().work()));
                configure(context, Kernel.FSCONFIG_SET_FLAG, "volatile", null);
            }
            for (String option : OPTIONS.split(",")) {
                int equals = option.indexOf('=');
                configure(context, option.substring(0, equals), option.substring(equals + 1));
            }
            configure(context, "source", "kiln");
            configure(context, Kernel.FSCONFIG_CMD_CREATE, null, null);
            attach(context);
        }
    }

    private void attach(Fd context) throws MountException {
        int attributes = writable.isPresent() ? 0 : Kernel.MOUNT_ATTR_RDONLY;
        long mount = Kernel.get().syscall(Kernel.SYS_FSMOUNT, context.number(), Kernel.FSMOUNT_CLOEXEC, attributes);
        if (mount < 0) {
            throw Fd.failure(Kernel.errno(), doing(), log(context));
        }
        try (Fd made = new Fd((int) mount)) {
            moveTo(made, target, doing());
        }
    }

    /** Gives a mount that is nowhere yet its place. */
    static void moveTo(Fd mount, Path target, String doing) throws MountException {
        Fd.check(Kernel.get()
            .syscall(Kernel.SYS_MOVE_MOUNT, mount.number(), Kernel.EMPTY, Kernel.AT_FDCWD, Fd.bytes(target),
                    Kernel.MOVE_MOUNT_F_EMPTY_PATH),
                doing);
    }

    private void configure(Fd context, String key, String value) throws MountException {
        configure(context, Kernel.FSCONFIG_SET_STRING, key, value);
    }

    private void configure(Fd context, int command, @Nullable String key, @Nullable String value)
            throws MountException {
        long result = Kernel.get()
            .syscall(Kernel.SYS_FSCONFIG, context.number(), command, key == null ? null : Fd.bytes(key),
                    value == null ? null : Fd.bytes(value), 0L);
        if (result < 0) {
            int errno = Kernel.errno();
            String option = key == null ? "" : " (option " + key + (value == null ? "" : "=" + value) + ")";
            throw Fd.failure(errno, doing() + option, log(context));
        }
    }

    /** What the filesystem itself says of its failure; it keeps its last few messages. */
    private static String log(Fd context) {
        StringBuilder log = new StringBuilder();
        byte[] message = new byte[1024];
        long length;
        while ((length = Kernel.get().read(context.number(), message, message.length)) > 0) {
            log.append("; the kernel says: ")
                .append(new String(message, 0, (int) length, StandardCharsets.UTF_8).strip());
        }
        return log.toString();
    }

    void mountAtOnce() throws MountException {
        try (Descriptors descriptors = new Descriptors()) {
            StringBuilder data = new StringBuilder("lowerdir=");
            for (int i = 0; i < lower.size(); i++) {
                data.append(i == 0 ? "" : ":").append(descriptors.shortest(lower.get(i)));
            }
            if (writable.isPresent()) {
                data.append(",upperdir=").append(descriptors.shortest(writable.get().upper()));
                data.append(",workdir=").append(descriptors.shortest(writable.get().work())).append(",volatile");
            }
            data.append(',').append(OPTIONS);
            if (data.length() > MAX_DATA) {
                throw new MountException(Errno.E2BIG,
                        doing() + ": this kernel takes the names of all layers in one page,"
                                + " and these do not fit; Linux 6.7 takes " + LinuxMounter.MAX_LAYERS + " layers");
            }
            Fd.check(Kernel.get()
                .mount(Fd.bytes("kiln"), Fd.bytes(target), Fd.bytes("overlay"),
                        writable.isPresent() ? 0 : Kernel.MS_RDONLY, Fd.bytes(data.toString())),
                    doing());
        }
    }

    private String doing() {
        return "mounting " + lower.size() + " layers at " + target;
    }

    /** The descriptors that are open while a mount is made. */
    private static final class Descriptors implements AutoCloseable {
        private final List<Fd> open = new ArrayList<>();

        String value(Path path) throws MountException {
            byte[] bytes = Fd.bytes(path);
            for (byte b : bytes) {
                if (b == '\\' || b == ':' || b == ',' || b < 0) {
                    return shortest(path);
                }
            }
            return bytes.length > MAX_VALUE ? shortest(path) : path.toString();
        }

        String shortest(Path path) throws MountException {
            Fd fd = Fd.naming(path);
            open.add(fd);
            return fd.path();
        }

        @Override
        public void close() {
            open.forEach(Fd::close);
        }
    }
}
