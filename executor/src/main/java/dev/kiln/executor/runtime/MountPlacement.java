package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.runtime.RuntimeFailure.Code;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Turns what a step has mounted into mounts of a container's configuration, in the order in which they are made: what is
 * above comes before what is below.
 */
final class MountPlacement {
    /** The kernel's own for a new one. */
    static final int TMPFS_MODE = 01777;
    private static final int SECRET_BITS = 0777;
    private static final int EXECUTABLE_BITS = 0111;
    private static final FileAttribute<?> PRIVATE = PosixFilePermissions
        .asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final ContainerRoot root;
    private final Path memory;
    private int files;

    /** @param memory takes the files that must not come to a disk */
    MountPlacement(ContainerRoot root, Path memory) {
        this.root = root;
        this.memory = memory;
    }

    /**
     * A mount as the configuration names it.
     *
     * @param directory whether it goes onto a directory; otherwise onto a file
     */
    record Placed(ContainerMount mount, String type, String source, List<String> options, boolean directory) {
        String target() {
            return mount.target();
        }

        /** Where on the host is what the container sees below the target, when it can tell. */
        Optional<Path> shown() {
            return mount instanceof ContainerMount.Bind bind ? Optional.of(bind.source()) : Optional.empty();
        }

        boolean readOnly() {
            return mount instanceof ContainerMount.Bind bind && bind.readOnly();
        }
    }

    List<Placed> place(List<ContainerMount> mounts) throws IOException {
        Map<String, ContainerMount> byTarget = new LinkedHashMap<>();
        for (ContainerMount mount : mounts.stream().sorted(Comparator.comparing(ContainerMount::target)).toList()) {
            check(mount.target(), mount.target());
            byTarget.put(mount.target(), mount);
        }
        List<Placed> placed = new ArrayList<>();
        for (ContainerMount mount : byTarget.values()) {
            placed.add(switch (mount) {
                case ContainerMount.Bind bind -> bind(bind);
                case ContainerMount.Tmpfs tmpfs -> tmpfs(tmpfs, placed);
                case ContainerMount.InMemory file -> inMemory(file);
            });
        }
        return placed;
    }

    /**
     * Refuses what the container itself needs.
     *
     * @param place where the links of the target lead
     */
    static void check(String target, String place) throws RuntimeFailure {
        String below = place + "/";
        boolean kernel = isBelow(below, "/proc") || isBelow(below, "/sys") || place.equals("/dev");
        if (!place.startsWith("/") || place.equals("/") || kernel) {
            throw new RuntimeFailure(Code.STEP, "invalid mount target \"" + target + "\""
                    + (kernel ? ": nothing can be mounted on /dev, or on or below /proc and /sys" : ""));
        }
    }

    /** True when {@code path} lies in the directory by its name. */
    static boolean isBelow(String path, String directory) {
        return path.startsWith(directory + "/");
    }

    private static Placed bind(ContainerMount.Bind bind) {
        List<String> options = bind.readOnly() ? List.of("rbind", "ro") : List.of("rbind");
        return new Placed(bind, "bind", bind.source().toString(), options,
                Files.isDirectory(bind.source(), LinkOption.NOFOLLOW_LINKS));
    }

    /** One that is mounted on a directory of the root takes its mode. */
    private Placed tmpfs(ContainerMount.Tmpfs tmpfs, List<Placed> before) throws IOException {
        List<String> options = new ArrayList<>(List.of("nosuid"));
        boolean nested = isBelow(tmpfs.target(), "/dev")
                || before.stream().anyMatch(other -> isBelow(tmpfs.target(), other.target()));
        if (!nested) {
            Optional<FileStat> there = Posix.lstatIfExists(root.resolve(tmpfs.target()));
            options.add("mode=" + Integer.toOctalString(there.map(FileStat::mode).orElse(TMPFS_MODE)));
        }
        if (tmpfs.bytes().isPresent()) {
            options.add("size=" + tmpfs.bytes().getAsLong());
        }
        return new Placed(tmpfs, "tmpfs", "tmpfs", options, true);
    }

    private Placed inMemory(ContainerMount.InMemory file) throws IOException {
        Path content = Files.createFile(memory.resolve("file-" + files++), PRIVATE);
        Files.write(content, file.content());
        RawPath path = RawPath.of(content);
        Posix.chown(path, new Owner(file.uid(), file.gid()));
        Posix.chmod(path, file.mode() & SECRET_BITS);
        List<String> options = new ArrayList<>(List.of("rbind", "ro", "nosuid", "nodev"));
        if ((file.mode() & EXECUTABLE_BITS) == 0) {
            options.add("noexec");
        }
        return new Placed(file, "bind", content.toString(), options, false);
    }
}
