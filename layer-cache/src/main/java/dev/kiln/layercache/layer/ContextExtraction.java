package dev.kiln.layercache.layer;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;

import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/** Makes the files of a context; the attributes of its root are left to who made the directory. */
final class ContextExtraction implements ContextVisitor {
    private static final int DIRECTORY_MODE = 0755;
    private final RawPath root;
    private final TreeWriter tree;

    ContextExtraction(RawPath root, Owners owners) {
        this.root = root;
        this.tree = new TreeWriter(owners);
    }

    void finish() throws IOException {
        tree.finish();
    }

    @Override
    public void implied(RawPath directory, Instant modified) throws IOException {
        tree.makeDirectory(root.resolve(directory), new Attributes(DIRECTORY_MODE, Owner.ROOT, modified, Map.of()));
    }

    @Override
    public void entry(RawPath name, TarEntry entry, TarReader content) throws IOException {
        if (name.equals(ContextEntries.ROOT)) {
            return;
        }
        RawPath path = root.resolve(name);
        TarEntry plain = withoutXattrs(entry);
        switch (entry.kind()) {
            case DIRECTORY -> placeDirectory(path, plain.attributes());
            case HARD_LINK -> placeLink(path, root.resolve(ContextEntries.linkTarget(entry)));
            case FILE, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> place(path, plain, content);
        }
    }

    private static TarEntry withoutXattrs(TarEntry entry) {
        Attributes a = entry.attributes();
        return entry.with(new Attributes(a.mode(), a.owner(), a.modified(), Map.of()));
    }

    private void placeDirectory(RawPath path, Attributes attributes) throws IOException {
        try {
            tree.makeDirectory(path, attributes);
        } catch (PosixException e) {
            unlessTaken(e);
            tree.setDirectory(path, attributes);
        }
    }

    private void place(RawPath path, TarEntry entry, TarReader content) throws IOException {
        try {
            tree.make(path, entry, content);
        } catch (PosixException e) {
            unlessTaken(e);
            tree.remove(path);
            tree.make(path, entry, content);
        }
    }

    private void placeLink(RawPath path, RawPath target) throws IOException {
        if (path.equals(target)) {
            return;
        }
        try {
            Posix.link(target, path);
        } catch (PosixException e) {
            unlessTaken(e);
            tree.remove(path);
            Posix.link(target, path);
        }
    }

    private static void unlessTaken(PosixException e) throws PosixException {
        if (e.errno() != Errno.EEXIST) {
            throw e;
        }
    }

    @Override
    public Map<String, byte[]> files() {
        return Map.of();
    }

    @Override
    public Map<String, String> links() {
        return Map.of();
    }
}
