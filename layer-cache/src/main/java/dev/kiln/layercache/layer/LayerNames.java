package dev.kiln.layercache.layer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.RawPath;

/**
 * Where the entries of one layer end up when it is extracted: as {@link RootedPaths}, but for a layer that is only read. A
 * parent that is a symbolic link of the same layer is followed inside the root. Entries are to be asked for in their order.
 */
final class LayerNames {
    private static final int MAX_LINKS = 255;
    private static final int MAX_NAMES = 4096;

    private final Map<RawPath, RawPath> links = new HashMap<>();

    /** The names on the way to the entry, which is last; none for the root. */
    List<RawPath> of(TarEntry entry) throws LayerException {
        List<RawPath> names = resolved(entry.name());
        if (!names.isEmpty()) {
            RawPath path = joined(names);
            if (entry.kind() == Kind.SYMLINK) {
                links.put(path, entry.link());
            } else {
                links.remove(path);
            }
        }
        return names;
    }

    /** The names on the way to what a hard link names. */
    List<RawPath> ofTarget(TarEntry link) throws LayerException {
        return resolved(link.link());
    }

    static RawPath joined(List<RawPath> names) {
        RawPath path = RawPath.ofUtf8("");
        for (RawPath name : names) {
            path = path.resolve(name);
        }
        return path;
    }

    private List<RawPath> resolved(RawPath path) throws LayerException {
        List<RawPath> names = RootedPaths.names(path);
        return links.isEmpty() || names.size() < 2 ? names : follow(names);
    }

    private List<RawPath> follow(List<RawPath> names) throws LayerException {
        Deque<RawPath> rest = new ArrayDeque<>(names.subList(0, names.size() - 1));
        List<RawPath> way = new ArrayList<>();
        for (int followed = 0; !rest.isEmpty();) {
            RawPath name = rest.remove();
            if (name.latin1().equals("..")) {
                if (!way.isEmpty()) {
                    way.removeLast();
                }
                continue;
            }
            way.add(name);
            RawPath target = links.get(joined(way));
            if (target != null) {
                if (++followed > MAX_LINKS || rest.size() > MAX_NAMES) {
                    throw new LayerException(Code.ESCAPES_ROOT, "reading an archive: the symbolic links on the way to "
                            + joined(names) + " have no end");
                }
                way.removeLast();
                if (target.latin1().startsWith("/")) {
                    way.clear();
                }
                push(target, rest);
            }
        }
        way.add(names.getLast());
        return way;
    }

    private static void push(RawPath target, Deque<RawPath> rest) {
        String[] names = target.latin1().split("/");
        for (int i = names.length - 1; i >= 0; i--) {
            if (!names[i].isEmpty() && !names[i].equals(".")) {
                rest.push(RawPath.ofLatin1(names[i]));
            }
        }
    }
}
