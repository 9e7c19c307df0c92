package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/**
 * One mounted tree of cgroups. With cgroup v1 there are several, each with other controllers; with v2 there is one; a
 * hybrid host has both.
 *
 * @param unified true for v2, whose controllers are those that the directory at hand has
 */
record CgroupHierarchy(Path mountPoint, Set<String> controllers, boolean unified) {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    static List<CgroupHierarchy> mounted() throws IOException {
        return parse(Files.readString(MOUNTS, StandardCharsets.ISO_8859_1));
    }

    /** @param mountinfo see proc_pid_mountinfo(5); of the options, those of v1 name the controllers */
    static List<CgroupHierarchy> parse(String mountinfo) {
        List<CgroupHierarchy> found = new ArrayList<>();
        for (String line : mountinfo.split("\n")) {
            String[] halves = line.split(" - ", 2);
            String[] mount = halves[0].split(" ");
            String[] type = halves.length < 2 ? new String[]{""} : halves[1].split(" ");
            if (type[0].equals("cgroup2")) {
                found.add(new CgroupHierarchy(Path.of(mount[4]), Set.of(), true));
            } else if (type[0].equals("cgroup")) {
                found.add(new CgroupHierarchy(Path.of(mount[4]), Set.copyOf(Arrays.asList(type[2].split(","))), false));
            }
        }
        return found;
    }

    /**
     * The place of v2 on a hybrid host, when v2 is not mounted there: a plain directory, in which crun makes plain
     * directories and files of the names that it takes for cgroups.
     */
    static Optional<Path> vacantUnified(List<CgroupHierarchy> hierarchies) {
        return hierarchies.stream()
            .filter(h -> !h.unified())
            .flatMap(h -> Optional.ofNullable(h.mountPoint().getParent()).stream())
            .map(parent -> parent.resolve("unified"))
            .filter(place -> hierarchies.stream().noneMatch(h -> h.mountPoint().equals(place)))
            .filter(Files::isDirectory)
            .findFirst();
    }

    boolean has(String controller) {
        return controllers.contains(controller);
    }

    /** @param path absolute, as {@code cgroupsPath} */
    Path directory(String path) {
        return mountPoint.resolve(path.substring(1));
    }

    /** The cgroups right below a directory. */
    static List<Path> children(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    children.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            // gone, and so are its children
        }
        return children;
    }

    /** The processes of a cgroup and of all below it. */
    static List<Long> processes(Path directory) throws IOException {
        List<Long> pids = new ArrayList<>();
        read(directory.resolve("cgroup.procs")).ifPresent(text -> text.lines().map(Long::valueOf).forEach(pids::add));
        for (Path child : children(directory)) {
            pids.addAll(processes(child));
        }
        return pids;
    }

    /** Removes a cgroup and all below it; false when one of them still has processes. */
    static boolean remove(Path directory) throws IOException {
        if (removeEmpty(directory)) {
            return true;
        }
        for (Path child : children(directory)) {
            remove(child);
        }
        return removeEmpty(directory);
    }

    private static boolean removeEmpty(Path directory) throws IOException {
        try {
            Posix.rmdir(RawPath.of(directory));
            return true;
        } catch (PosixException e) {
            if (e.errno() == Errno.EBUSY || e.errno() == Errno.ENOTEMPTY) {
                return false;
            }
            if (e.isMissing()) {
                return true;
            }
            throw e;
        }
    }

    /** A cgroup's file, or empty when the cgroup is gone or has no such file. */
    static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** As {@link #write}, unless the cgroup is gone. */
    static void writeIfThere(Path file, String value) throws IOException {
        try {
            write(file, value);
        } catch (IOException e) {
            if (Files.exists(file)) {
                throw e;
            }
        }
    }

    static void write(Path file, String value) throws IOException {
        Files.writeString(file, value, StandardOpenOption.WRITE);
    }
}
