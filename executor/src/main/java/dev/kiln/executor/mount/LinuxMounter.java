package dev.kiln.executor.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Mounts by the kernel's own calls. Needs CAP_SYS_ADMIN.
 *
 * <p>A writable overlay is {@code volatile}: the kernel never syncs it, so its upper directory is good only while the
 * machine stays up, and its work directory cannot be used twice.
 */
public final class LinuxMounter implements Mounter {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxMounter.class);

    /** The kernel's own limit on the layers of one overlay. */
    public static final int MAX_LAYERS = 500;

    private static final int BUSY_TRIES = 40;
    private static final long BUSY_PAUSE_MILLIS = 5;

    private final boolean layerByLayer;

    LinuxMounter(boolean layerByLayer) {
        this.layerByLayer = layerByLayer;
    }

    /**
     * Finds out how this kernel mounts overlays, by mounting one.
     *
     * @param scratch an existing directory on the filesystem that will hold the layers; left as it was
     * @throws MountException when this process cannot mount overlays on that filesystem at all
     */
    public static LinuxMounter probe(Path scratch) throws IOException {
        Path dir = Files.createTempDirectory(scratch, "probe-");
        try {
            MountException first = trial(new LinuxMounter(true), dir.resolve("new"));
            if (first == null) {
                return new LinuxMounter(true);
            }
            MountException second = trial(new LinuxMounter(false), dir.resolve("old"));
            if (second == null) {
                LOG.info("mounts=at-once reason=\"{}\"", first.getMessage());
                return new LinuxMounter(false);
            }
            throw new MountException(second.errno(), "overlayfs cannot be used here: " + first.getMessage()
                    + ". It needs Linux 5.11, root, and a filesystem under it that can hold extended attributes");
        } finally {
            Posix.deleteTree(RawPath.of(dir));
        }
    }

    private static @Nullable MountException trial(LinuxMounter mounter, Path dir)
            throws IOException {
        List<Path> dirs = List.of(dir.resolve("a"), dir.resolve("b"), dir.resolve("upper"), dir.resolve("work"),
                dir.resolve("root"));
        for (Path d : dirs) {
            Files.createDirectories(d);
        }
        Mount.Overlay overlay = new Mount.Overlay(dirs.subList(0, 2), dirs.get(2), dirs.get(3));
        try (Mounted mounted = mounter.mount(overlay, dirs.get(4))) {
            Files.createFile(mounted.target().resolve("file"));
            return null;
        } catch (MountException e) {
            return e;
        }
    }

    @Override
    public Mounted mount(Mount mount, Path target) throws IOException {
        switch (mount) {
            case Mount.Bind bind -> bind(bind, target);
            case Mount.Overlay overlay -> overlay(overlay.lower(), new OverlayMount(overlay, target));
            case Mount.ReadOnlyOverlay overlay -> {
                if (overlay.lower().size() == 1) {
                    bind(new Mount.Bind(overlay.lower().getFirst(), true), target);
                } else {
                    overlay(overlay.lower(), new OverlayMount(overlay, target));
                }
            }
        }
        return new Standing(target);
    }

    private void overlay(List<Path> lower, OverlayMount mount) throws MountException {
        if (lower.size() > MAX_LAYERS) {
            throw new MountException(Errno.E2BIG, "mounting " + lower.size() + " layers: overlayfs takes " + MAX_LAYERS
                    + "; join some of the steps that make them");
        }
        if (layerByLayer) {
            mount.mountLayerByLayer();
        } else {
            mount.mountAtOnce();
        }
    }

    private static void bind(Mount.Bind bind, Path target) throws MountException {
        String doing = "showing " + bind.source() + " at " + target;
        long opened = Kernel.get()
            .syscall(Kernel.SYS_OPEN_TREE, Kernel.AT_FDCWD, Fd.bytes(bind.source()),
                    Kernel.OPEN_TREE_CLONE | Kernel.O_CLOEXEC);
        try (Fd tree = Fd.of(opened, doing)) {
            setAttributes(tree, bind.readOnly() ? Kernel.MOUNT_ATTR_RDONLY : 0, doing);
            OverlayMount.moveTo(tree, target, doing);
        }
    }

    /**
     * Shows what a path means inside a directory that others may be changing: links and {@code ..} never lead out of it.
     *
     * @param target made here, a file or a directory as the path's is; whoever closes the mount removes it
     * @throws MountException with the errno {@code ENOENT} when nothing is there
     */
    public static Mounted mountInside(Path directory, String path, Path target) throws IOException {
        try (Fd root = Fd.naming(directory); Fd found = Fd.namingInside(root, path)) {
            if (Files.isDirectory(Path.of(found.path()))) {
                Files.createDirectory(target);
            } else {
                Files.createFile(target);
            }
            String doing = "showing " + path + " at " + target;
            long opened = Kernel.get()
                .syscall(Kernel.SYS_OPEN_TREE, found.number(), Kernel.EMPTY,
                        Kernel.OPEN_TREE_CLONE | Kernel.O_CLOEXEC | Kernel.AT_EMPTY_PATH);
            try (Fd tree = Fd.of(opened, doing)) {
                setAttributes(tree, 0, doing);
                OverlayMount.moveTo(tree, target, doing);
            }
        }
        return new Standing(target);
    }

    /** {@code struct mount_attr}: set, clear, propagation, user namespace. */
    private static void setAttributes(Fd mount, long set, String doing) throws MountException {
        long[] attributes = {set, 0, Kernel.MS_PRIVATE, 0};
        Fd.check(Kernel.get()
            .syscall(Kernel.SYS_MOUNT_SETATTR, mount.number(), Kernel.EMPTY, Kernel.AT_EMPTY_PATH, attributes,
                    attributes.length * (long) Long.BYTES),
                doing);
    }

    /**
     * Makes sure that mounts made below the directory do not appear in other mount namespaces: where they would, mounts
     * the directory on itself, privately. {@link #unmountAll} undoes it.
     *
     * @param directory its real path
     */
    public static void isolate(Path directory) throws IOException {
        if (MountTable.read().showing(directory).map(MountTable.Entry::shared).orElse(false)) {
            bind(new Mount.Bind(directory, false), directory);
            Fd.check(Kernel.get().mount(null, Fd.bytes(directory), null, Kernel.MS_PRIVATE, null),
                    "making the mounts below " + directory + " private");
        }
    }

    /**
     * Mounts an empty directory of root's own in memory that is never swapped out. Nothing bounds it: for what this
     * process writes itself.
     */
    public static Mounted mountMemory(Path target) throws IOException {
        Fd.check(Kernel.get()
            .mount(Fd.bytes("kiln"), Fd.bytes(target), Fd.bytes("ramfs"), Kernel.MS_NOSUID | Kernel.MS_NODEV,
                    Fd.bytes("mode=0700")),
                "mounting memory at " + target);
        return new Standing(target);
    }

    /**
     * Makes an overlay that nobody uses at the moment show its layers as they are, after one of them was changed from
     * below. Until then it shows some of what it remembers, which is no state that ever was.
     *
     * @param target a writable overlay
     */
    public static void refresh(Path target) throws MountException {
        // A remount that changes nothing makes the kernel drop all names it remembers of the file system.
        Fd.check(Kernel.get().mount(null, Fd.bytes(target), null, Kernel.MS_REMOUNT, null), "refreshing " + target);
    }

    /** The mount points at and below a directory (its real path), in the order of mounting. */
    public static List<Path> mountsBelow(Path directory) throws IOException {
        return MountTable.read().below(directory);
    }

    /**
     * Unmounts everything at and below the directory, such as what a killed process left.
     *
     * @param directory its real path
     * @return how many mounts there were
     */
    public static int unmountAll(Path directory) throws IOException {
        List<Path> points = mountsBelow(directory);
        for (Path point : points.reversed()) {
            unmount(point);
        }
        return points.size();
    }

    /**
     * A mount is busy while a process that was killed a moment ago is still going. After some tries it is detached: it
     * leaves the tree at once, and the kernel frees it when its last user is gone.
     */
    private static void unmount(Path point) throws MountException {
        byte[] target = Fd.bytes(point);
        for (int i = 0; i < BUSY_TRIES; i++) {
            if (Kernel.get().umount2(target, Kernel.UMOUNT_NOFOLLOW) == 0) {
                return;
            }
            int errno = Kernel.errno();
            if (Errno.of(errno) != Errno.EBUSY) {
                throw Fd.failure(errno, "unmounting " + point, "");
            }
            try {
                Thread.sleep(BUSY_PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        LOG.warn("mount={} busy=true action=detached: a process still uses it", point);
        Fd.check(Kernel.get().umount2(target, Kernel.UMOUNT_NOFOLLOW | Kernel.MNT_DETACH), "detaching " + point);
    }

    /** A mount made here. Closing it again does nothing. */
    private static final class Standing implements Mounted {
        private final Path target;
        private boolean closed;

        Standing(Path target) {
            this.target = target;
        }

        @Override
        public Path target() {
            return target;
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                unmount(target);
                closed = true;
            }
        }
    }
}
