package dev.kiln.layercache.layer;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.Errno;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.PosixException;
import dev.kiln.layercache.posix.RawPath;

/** Puts the entries of one layer into one upper directory. */
final class UpperBuilder {
    private static final int DIRECTORY_MODE = 0755;
    private final RawPath root;
    private final List<RootedPaths> below;
    private final TreeWriter tree;
    private final RootedPaths paths;
    private final ExtractLimits limits;
    private Optional<Attributes> rootAttributes = Optional.empty();
    private long madeDirectories;
    private long namesBytes;

    UpperBuilder(RawPath root, List<RawPath> below, TreeWriter tree, ExtractLimits limits) {
        this.root = root;
        this.below = below.stream().map(RootedPaths::new).toList();
        this.tree = tree;
        this.limits = limits;
        paths = new RootedPaths(root);
    }

    Optional<Attributes> rootAttributes() {
        return rootAttributes;
    }

    void finish() throws IOException {
        tree.finish();
    }

    void add(TarEntry entry, TarReader content) throws IOException {
        List<RawPath> names = RootedPaths.names(entry.name());
        if (names.isEmpty()) {
            addRoot(entry);
            return;
        }
        countName(entry.name());
        RawPath parent = parentOf(names, entry);
        RawPath own = names.getLast();
        if (own.equals(Whiteouts.OPAQUE_NAME)) {
            tree.makeOpaque(parent);
            return;
        }
        Optional<RawPath> deleted = Whiteouts.deletedBy(own);
        if (deleted.isPresent()) {
            addWhiteout(parent.resolve(deleted.get()), entry);
        } else {
            place(parent.resolve(own), entry, content);
        }
    }

    private void addRoot(TarEntry entry) throws LayerException {
        if (entry.kind() != Kind.DIRECTORY) {
            throw new LayerException(Code.NOT_A_DIRECTORY, "reading an archive: the entry " + entry.name()
                    + " stands for the root and is no directory");
        }
        rootAttributes = Optional.of(entry.attributes());
    }

    private RawPath parentOf(List<RawPath> names, TarEntry entry) throws IOException {
        if (names.size() == 1) {
            return root;
        }
        Instant modified = entry.attributes().modified();
        return paths.directory(names.subList(0, names.size() - 1),
                (directory, way, overWhiteout) -> makeImplied(directory, way, overWhiteout, modified));
    }

    private void makeImplied(RawPath directory, List<RawPath> way, boolean overWhiteout, Instant modified)
            throws IOException {
        if (++madeDirectories > limits.entries()) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: its names have more than " + limits.entries()
                    + " directories, which is the limit");
        }
        countName(directory);
        if (overWhiteout) {
            tree.remove(directory);
        }
        Attributes plain = new Attributes(DIRECTORY_MODE, Owner.ROOT, modified, Map.of());
        tree.makeDirectory(directory, overWhiteout ? plain : attributesBelow(way).orElse(plain));
        if (overWhiteout) {
            tree.makeOpaque(directory);
        }
    }

    /** What the directory is in the nearest layer that has it. */
    private Optional<Attributes> attributesBelow(List<RawPath> way) throws IOException {
        for (RootedPaths layer : below) {
            Optional<RawPath> parent = layer.find(way.subList(0, way.size() - 1));
            if (parent.isPresent()) {
                RawPath directory = parent.get().resolve(way.getLast());
                Optional<FileStat> stat = Posix.lstatIfExists(directory);
                if (stat.isPresent()) {
                    return stat.get().isDirectory() ? Optional.of(attributes(directory, stat.get())) : Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Attributes attributes(RawPath directory, FileStat stat) throws IOException {
        Map<String, byte[]> xattrs = new HashMap<>();
        for (String name : Posix.listxattr(directory)) {
            if (Xattrs.isExtracted(name)) {
                Posix.getxattr(directory, name).ifPresent(value -> xattrs.put(name, value));
            }
        }
        return new Attributes(stat.mode(), stat.owner(), stat.modified(), xattrs);
    }

    private void addWhiteout(RawPath path, TarEntry entry) throws IOException {
        Optional<FileStat> there = Posix.lstatIfExists(path);
        if (there.isPresent()) {
            // The layer's own entry stays; as far as it would show what lower layers have, it now hides that.
            if (there.get().isDirectory()) {
                tree.makeOpaque(path);
            }
            return;
        }
        Posix.mknod(path, FileType.CHARACTER_DEVICE, 0, Device.NONE);
        Posix.setModified(path, entry.attributes().modified());
    }

    private void place(RawPath path, TarEntry entry, TarReader content) throws IOException {
        switch (entry.kind()) {
            case DIRECTORY -> placeDirectory(path, entry.attributes());
            case HARD_LINK -> placeLink(path, entry);
            case FILE, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
                try {
                    tree.make(path, entry, content);
                } catch (PosixException e) {
                    clear(path, e);
                    tree.make(path, entry, content);
                }
            }
        }
    }

    private void placeDirectory(RawPath path, Attributes attributes) throws IOException {
        try {
            tree.makeDirectory(path, attributes);
        } catch (PosixException e) {
            Optional<FileStat> there = Posix.lstatIfExists(path);
            if (there.isPresent() && there.get().isDirectory()) {
                tree.setDirectory(path, attributes);
                return;
            }
            clear(path, e);
            tree.makeDirectory(path, attributes);
            if (there.isPresent() && RootedPaths.isWhiteout(there.get())) {
                tree.makeOpaque(path);
            }
        }
    }

    private void placeLink(RawPath path, TarEntry entry) throws IOException {
        RawPath target = linkTarget(entry);
        if (target.equals(path)) {
            return;
        }
        try {
            Posix.link(target, path);
        } catch (PosixException e) {
            if (target.latin1().startsWith(path.latin1() + "/")) {
                throw TreeWriter.badLink(entry, "which it would replace");
            }
            clear(path, e);
            Posix.link(target, path);
        }
    }

    private RawPath linkTarget(TarEntry entry) throws IOException {
        List<RawPath> names = RootedPaths.names(entry.link());
        if (names.isEmpty()) {
            throw TreeWriter.badLink(entry, "which is the root");
        }
        Optional<RawPath> parent = paths.find(names.subList(0, names.size() - 1));
        if (parent.isPresent()) {
            RawPath target = parent.get().resolve(names.getLast());
            Optional<FileStat> stat = Posix.lstatIfExists(target);
            if (stat.isPresent() && !stat.get().isDirectory() && !RootedPaths.isWhiteout(stat.get())) {
                return target;
            }
        }
        throw TreeWriter.badLink(entry, "which is no file of this layer");
    }

    /** Makes room for a later entry of the same name; any other failure stays what it is. */
    private void clear(RawPath path, PosixException failure) throws IOException {
        if (failure.errno() != Errno.EEXIST) {
            throw failure;
        }
        tree.remove(path);
        paths.forget();
    }

    private void countName(RawPath name) throws LayerException {
        namesBytes += name.length();
        if (namesBytes > limits.namesBytes()) {
            throw new LayerException(Code.TOO_LARGE, "reading an archive: its names take more than "
                    + limits.namesBytes() + " bytes, which is the limit");
        }
    }
}
