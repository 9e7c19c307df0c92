package dev.kiln.layercache.layer;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Ways to directories inside one root, as a process sees them whose root it is: a symbolic link on the way is followed
 * inside, an absolute one from the root, and {@code ..} at the root stays there. So did containerd's {@code fs.RootPath}.
 * Nobody else may change the tree meanwhile. Directories found once are remembered.
 */
final class RootedPaths {
    private static final int MAX_NAME = 255;
    private static final int MAX_LINKS = 255;
    private static final int MAX_STEPS = 4096;
    private final RawPath root;
    private final Set<RawPath> known = new HashSet<>();

    /** Makes a directory that is missing on the way, or stands in place of a whiteout. */
    interface Maker {
        void make(RawPath directory, List<RawPath> below, boolean overWhiteout) throws IOException;
    }

    RootedPaths(RawPath root) {
        this.root = root;
    }

    /**
     * The names in {@code path} without empty ones and {@code .}; a leading slash means the root.
     *
     * @throws LayerException {@code ESCAPES_ROOT} when its {@code ..} lead above the root
     */
    static List<RawPath> names(RawPath path) throws LayerException {
        List<RawPath> names = new ArrayList<>();
        for (String name : path.latin1().split("/")) {
            switch (name) {
                case "", "." -> {
                    // the same directory
                }
                case ".." -> {
                    if (names.isEmpty()) {
                        throw new LayerException(Code.ESCAPES_ROOT, "reading an archive: the path " + path
                                + " leads out of the root");
                    }
                    names.removeLast();
                }
                default -> names.add(checked(name));
            }
        }
        return names;
    }

    private static RawPath checked(String name) throws LayerException {
        if (name.length() > MAX_NAME) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: a name in a path has " + name.length()
                    + " bytes, Linux allows " + MAX_NAME);
        }
        return RawPath.ofLatin1(name);
    }

    /** The directory of these names; what is missing is made. */
    RawPath directory(List<RawPath> names, Maker maker) throws IOException {
        return walk(names, Optional.of(maker)).orElseThrow();
    }

    /** The directory of these names, or empty when there is none. */
    Optional<RawPath> find(List<RawPath> names) throws IOException {
        return walk(names, Optional.empty());
    }

    /** To be called when a directory has been removed. */
    void forget() {
        known.clear();
    }

    private Optional<RawPath> walk(List<RawPath> names, Optional<Maker> maker) throws IOException {
        Deque<RawPath> rest = new ArrayDeque<>(names);
        List<RawPath> below = new ArrayList<>();
        RawPath at = root;
        int links = 0;
        for (int steps = 0; !rest.isEmpty(); steps++) {
            RawPath name = rest.remove();
            if (name.latin1().equals("..")) {
                if (!below.isEmpty()) {
                    below.removeLast();
                    at = at.parent();
                }
                continue;
            }
            RawPath next = at.resolve(name);
            Optional<FileStat> stat = known.contains(next) ? Optional.empty() : Posix.lstatIfExists(next);
            if (stat.isPresent() && stat.get().type() == FileType.SYMLINK) {
                if (++links > MAX_LINKS || steps > MAX_STEPS) {
                    throw new LayerException(Code.ESCAPES_ROOT, "reading an archive: the symbolic links on the way to "
                            + next + " have no end");
                }
                RawPath target = Posix.readlink(next);
                if (target.latin1().startsWith("/")) {
                    at = root;
                    below.clear();
                }
                pushNames(target, rest);
                continue;
            }
            below.add(name);
            if (!known.contains(next) && !enter(next, stat, below, maker)) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(at);
    }

    private boolean enter(RawPath next, Optional<FileStat> stat, List<RawPath> below, Optional<Maker> maker)
            throws IOException {
        boolean directory = stat.isPresent() && stat.get().isDirectory();
        boolean whiteout = stat.isPresent() && isWhiteout(stat.get());
        if (!directory) {
            if (maker.isEmpty()) {
                return false;
            }
            if (stat.isPresent() && !whiteout) {
                throw new LayerException(Code.NOT_A_DIRECTORY,
                        "reading an archive: an entry is below " + below.getLast()
                                + ", which is no directory");
            }
            maker.get().make(next, below, whiteout);
        }
        known.add(next);
        return true;
    }

    static boolean isWhiteout(FileStat stat) {
        return stat.type() == FileType.CHARACTER_DEVICE && stat.device().equals(Device.NONE);
    }

    private static void pushNames(RawPath target, Deque<RawPath> rest) {
        String[] names = target.latin1().split("/");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].isEmpty() && !names[i].equals(".")) {
                rest.push(RawPath.ofLatin1(names[i]));
            }
        }
    }
}
