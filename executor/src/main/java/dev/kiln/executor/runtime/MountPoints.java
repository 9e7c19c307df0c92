package dev.kiln.executor.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.runtime.ContainerRoot.Located;
import dev.kiln.executor.runtime.MountPlacement.Placed;
import dev.kiln.executor.runtime.RuntimeFailure.Code;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The places that a root file system lacks for what a container has mounted: made before the container starts, and removed
 * from what the step wrote when it has ended.
 *
 * <p>The directories {@code /proc}, {@code /dev} and {@code /sys} are the exception: where they are missing, they stay.
 *
 * <p>Making a file in a directory changes the directory's time, and in an overlay copies the directory up. Both are undone
 * here: the time at once, so that afterwards it differs only if the step itself changed the directory; the copy at the
 * end, when it still is what was copied. So a step that writes nothing leaves nothing.
 */
final class MountPoints {
    /** What overlayfs notes on a copied directory without it meaning a change. */
    private static final List<String> NOTES = List.of("trusted.overlay.origin", "trusted.overlay.impure",
            "trusted.overlay.uuid");

    private final ContainerRoot root;
    private final RawPath written;
    /** In the order of making. */
    private final List<Located> made = new ArrayList<>();
    /** Directories that were there and not yet in {@code written}, with their looks; innermost last. */
    private final Map<Located, Looks> copied = new LinkedHashMap<>();
    private final List<Covered> covered = new ArrayList<>();

    /** @param mount absent for what every container has */
    private record Covered(Located place, Optional<Placed> mount) {}

    /** @param written takes what is written under the root */
    MountPoints(ContainerRoot root, RawPath written) {
        this.root = root;
        this.written = written;
    }

    /**
     * Makes what is missing; also when this fails, {@link #remove} undoes what was made.
     *
     * @throws RuntimeFailure by the step's fault when there is something else in the place of one of its mounts
     */
    void make(List<Placed> mounts) throws IOException {
        for (String directory : OciConfig.MOUNTED_DIRECTORIES) {
            cover(directory, FileType.DIRECTORY, Optional.empty());
        }
        // BuildKit leaves these three in the layer, so that an image made from scratch runs where its root is read-only.
        made.clear();
        for (String file : List.of(OciConfig.RESOLV_CONF, OciConfig.HOSTS)) {
            if (mounts.stream().noneMatch(mount -> mount.target().equals(file))) {
                cover(file, FileType.REGULAR, Optional.empty());
            }
        }
        for (Placed mount : mounts) {
            cover(mount.target(), mount.directory() ? FileType.DIRECTORY : FileType.REGULAR, Optional.of(mount));
        }
    }

    /** A place below another mount is not in the root: the runtime makes it in what is mounted there. */
    private void cover(String target, FileType type, Optional<Placed> mount) throws IOException {
        Located place = root.locate(RawPath.ofUtf8(target));
        if (mount.isPresent()) {
            MountPlacement.check(target, path(place).latin1());
        }
        Optional<Covered> above = covered.reversed().stream().filter(other -> place.isBelow(other.place)).findFirst();
        if (above.isEmpty()) {
            checkType(target, place.onHost(), type);
            make(target, place, type);
            if (made.contains(place) && mount.map(Placed::mount).orElse(null) instanceof ContainerMount.Tmpfs) {
                // Some runtimes give it the mode of what is there, whatever they are told.
                Posix.chmod(place.onHost(), MountPlacement.TMPFS_MODE);
            }
        } else if (above.get().mount.isPresent()) {
            checkInside(target, place, type, above.get());
        }
        covered.add(new Covered(place, mount));
    }

    private static void checkInside(String target, Located place, FileType type, Covered above) throws IOException {
        Placed mount = above.mount.get();
        if (!mount.directory()) {
            throw new RuntimeFailure(Code.STEP,
                    "invalid mount target \"" + target + "\": \"" + mount.target() + "\" is mounted as a file");
        }
        if (mount.shown().isEmpty()) {
            return;
        }
        ContainerRoot shown = new ContainerRoot(RawPath.of(mount.shown().get()));
        RawPath inside = shown.locate(place.below(above.place)).onHost();
        if (mount.readOnly() && Posix.lstatIfExists(inside).isEmpty()) {
            throw new RuntimeFailure(Code.STEP, "invalid mount target \"" + target + "\": it is not there in \""
                    + mount.target() + "\", which is mounted read-only, so that nothing can be made in it;"
                    + " add it to what is mounted there, or mount that with rw");
        }
        checkType(target, inside, type);
    }

    private static void checkType(String target, RawPath there, FileType type) throws IOException {
        Optional<FileStat> stat = Posix.lstatIfExists(there);
        if (stat.isPresent() && stat.get().isDirectory() != (type == FileType.DIRECTORY)) {
            throw new RuntimeFailure(Code.STEP, "invalid mount target \"" + target + "\": "
                    + (stat.get().isDirectory()
                            ? "it is a directory, and what is mounted is a file"
                            : "it is not a directory, and what is mounted is one"));
        }
    }

    private void make(String target, Located place, FileType type) throws IOException {
        if (place.isRoot() || Posix.lstatIfExists(place.onHost()).isPresent()) {
            return;
        }
        Located parent = place.parent();
        make(target, parent, FileType.DIRECTORY);
        if (!Posix.lstat(parent.onHost()).isDirectory()) {
            throw new RuntimeFailure(Code.STEP, "invalid mount target \"" + target + "\": \"" + path(parent)
                    + "\" is not a directory");
        }
        Looks before = Looks.of(parent.onHost());
        if (!made.contains(parent)) {
            noteCopies(parent);
        }
        if (type == FileType.DIRECTORY) {
            Posix.mkdir(place.onHost(), 0755);
        } else {
            Posix.mknod(place.onHost(), FileType.REGULAR, 0644, Device.NONE);
        }
        made.add(place);
        Posix.setModifiedOnly(parent.onHost(), before.stat.modified());
    }

    private void noteCopies(Located directory) throws IOException {
        if (directory.isRoot() || Posix.lstatIfExists(directory.in(written)).isPresent()) {
            return;
        }
        noteCopies(directory.parent());
        copied.putIfAbsent(directory, Looks.of(directory.onHost()));
    }

    /**
     * Call when no process of the container is left.
     *
     * @return true when something was removed from {@code written} behind the back of the root, if that is an overlay
     */
    boolean remove() throws IOException {
        for (Located place : made.reversed()) {
            removeIfUnused(place);
        }
        boolean removed = false;
        for (Map.Entry<Located, Looks> copy : new ArrayList<>(copied.entrySet()).reversed()) {
            removed |= removeIfSame(copy.getKey(), copy.getValue());
        }
        return removed;
    }

    /** The step may have put other things on the way, links to the outside among them: nothing is followed. */
    private void removeIfUnused(Located place) throws IOException {
        Optional<FileStat> stat = Posix.lstatIfExists(place.onHost());
        if (stat.isEmpty() || !root.locate(path(place)).equals(place)) {
            return;
        }
        RawPath parent = place.parent().onHost();
        FileStat before = Posix.lstat(parent);
        if (stat.get().isDirectory() && Posix.list(place.onHost()).isEmpty()) {
            Posix.rmdir(place.onHost());
        } else if (stat.get().type() == FileType.REGULAR && stat.get().size() == 0) {
            Posix.unlink(place.onHost());
        } else {
            return;
        }
        Posix.setModifiedOnly(parent, before.modified());
    }

    private static RawPath path(Located place) {
        return place.in(RawPath.ofUtf8("/"));
    }

    /** In {@code written} itself, because in the root a removal would be recorded as one. */
    private boolean removeIfSame(Located directory, Looks looks) throws IOException {
        RawPath copy = directory.in(written);
        Optional<FileStat> stat = Posix.lstatIfExists(copy);
        if (stat.isEmpty() || !stat.get().isDirectory() || !Posix.list(copy).isEmpty() || !looks.sameAs(copy)) {
            return false;
        }
        RawPath parent = directory.parent().in(written);
        FileStat before = Posix.lstat(parent);
        Posix.rmdir(copy);
        Posix.setModifiedOnly(parent, before.modified());
        return true;
    }

    /** All of a directory that goes into a layer, but its content. */
    private record Looks(FileStat stat, Map<String, String> attributes) {

        static Looks of(RawPath directory) throws IOException {
            Map<String, String> attributes = new HashMap<>();
            for (String name : Posix.listxattr(directory)) {
                Optional<byte[]> value = Posix.getxattr(directory, name);
                if (value.isPresent() && !NOTES.contains(name)) {
                    attributes.put(name, HexFormat.of().formatHex(value.get()));
                }
            }
            return new Looks(Posix.lstat(directory), attributes);
        }

        boolean sameAs(RawPath other) throws IOException {
            Looks looks = of(other);
            return looks.stat.stMode() == stat.stMode() && looks.stat.owner().equals(stat.owner())
                    && looks.stat.modified().equals(stat.modified()) && looks.attributes.equals(attributes);
        }
    }
}
