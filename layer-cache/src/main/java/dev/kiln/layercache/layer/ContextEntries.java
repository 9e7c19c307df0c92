package dev.kiln.layercache.layer;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.RawPath;

/** The names of one context so far, and the rules that the next entry has to keep. */
final class ContextEntries {
    static final RawPath ROOT = RawPath.ofUtf8("");
    private final ExtractLimits limits;
    private final Map<RawPath, Kind> kinds = new HashMap<>();
    private long namesBytes;

    /** Told of a directory that has no entry of its own yet something below. */
    interface Implied {
        void directory(RawPath name) throws IOException;
    }

    ContextEntries(ExtractLimits limits) {
        this.limits = limits;
    }

    /** Checks an entry, and returns its name without needless parts: {@link #ROOT} for that of the context itself. */
    RawPath add(TarEntry entry, Implied implied) throws IOException {
        switch (entry.kind()) {
            case FILE, DIRECTORY, SYMLINK, HARD_LINK -> {
                // has its place in a context
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> throw new LayerException(Code.UNSUPPORTED_ENTRY,
                    "reading a context: " + entry.name()
                            + " is a device or a fifo; leave it out, for example with .dockerignore");
        }
        List<RawPath> names = inside(entry.name(), "the entry " + entry.name());
        RawPath parent = ROOT;
        for (RawPath name : names.isEmpty() ? names : names.subList(0, names.size() - 1)) {
            parent = parent.resolve(name);
            passThrough(parent, entry, implied);
        }
        RawPath name = names.isEmpty() ? ROOT : parent.resolve(names.getLast());
        remember(name, entry);
        return name;
    }

    private void passThrough(RawPath parent, TarEntry entry, Implied implied) throws IOException {
        Kind kind = kinds.get(parent);
        if (kind == null) {
            put(parent, Kind.DIRECTORY);
            implied.directory(parent);
        } else if (kind == Kind.SYMLINK) {
            throw new LayerException(Code.ESCAPES_ROOT, "reading a context: the entry " + entry.name()
                    + " passes through the symbolic link " + parent);
        } else if (kind != Kind.DIRECTORY) {
            throw new LayerException(Code.NOT_A_DIRECTORY, "reading a context: the entry " + entry.name() + " is below "
                    + parent + ", which is a file");
        }
    }

    private void remember(RawPath name, TarEntry entry) throws LayerException {
        Kind kind = entry.kind() == Kind.HARD_LINK ? kinds.get(linkTarget(entry)) : entry.kind();
        if (kind == null || entry.kind() == Kind.HARD_LINK && kind == Kind.DIRECTORY) {
            throw TreeWriter.badLink(entry, "which is no earlier file of the context");
        }
        Kind before = name.equals(ROOT) ? Kind.DIRECTORY : kinds.get(name);
        if (before != null && (before == Kind.DIRECTORY) != (kind == Kind.DIRECTORY)) {
            throw new LayerException(Code.NOT_A_DIRECTORY, "reading a context: " + entry.name()
                    + " is in it as a directory and as something else");
        }
        put(name, kind);
    }

    private void put(RawPath name, Kind kind) throws LayerException {
        if (kinds.put(name, kind) == null) {
            namesBytes += name.length();
        }
        if (kinds.size() > limits.entries() || namesBytes > limits.namesBytes()) {
            throw new LayerException(Code.TOO_LARGE, "reading a context: it has more than " + limits.entries()
                    + " names, or they take more than " + limits.namesBytes() + " bytes; these are the limits");
        }
    }

    /** The name that a hard link gives a further name to. */
    static RawPath linkTarget(TarEntry entry) throws LayerException {
        RawPath target = ROOT;
        for (RawPath name : inside(entry.link(), "the hard link " + entry.name())) {
            target = target.resolve(name);
        }
        return target;
    }

    private static List<RawPath> inside(RawPath path, String what) throws LayerException {
        String text = path.latin1();
        boolean climbs = text.equals("..") || text.startsWith("../") || text.endsWith("/..") || text.contains("/../");
        if (text.startsWith("/") || climbs) {
            throw new LayerException(Code.ESCAPES_ROOT, "reading a context: " + what + " names " + path + ", which is "
                    + (climbs ? "a path with .." : "an absolute path") + "; only names inside the context are allowed");
        }
        return RootedPaths.names(path);
    }
}
