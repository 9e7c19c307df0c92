package dev.kiln.layercache.layer;

import java.io.IOException;
import java.time.Instant;
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

/** Puts the entries of one archive onto the files of one directory, which is their root; see {@link Archives}. */
final class ArchiveExtraction {
    private static final int DIRECTORY_MODE = 0755;
    private final RawPath root;
    private final Optional<Owner> owner;
    private final TreeWriter tree;
    private final RootedPaths paths;
    private final ExtractLimits limits;
    private long madeDirectories;
    private long namesBytes;

    ArchiveExtraction(RawPath root, Optional<Owner> owner, TreeWriter tree, ExtractLimits limits) {
        this.root = root;
        this.owner = owner;
        this.tree = tree;
        this.limits = limits;
        paths = new RootedPaths(root);
    }

    void finish() throws IOException {
        tree.finish();
    }

    void add(TarEntry read, TarReader content) throws IOException {
        List<RawPath> names = RootedPaths.names(read.name());
        if (names.isEmpty()) {
            return;
        }
        countName(read.name());
        TarEntry entry = read.with(adapted(read.attributes()));
        if (entry.kind() == Kind.CHARACTER_DEVICE && entry.device().equals(Device.NONE)) {
            throw new LayerException(Code.UNSUPPORTED_ENTRY, "reading an archive: " + entry.name()
                    + " is the device 0:0, which stands for a deleted file");
        }
        RawPath path = parentOf(names, entry.attributes().modified()).resolve(names.getLast());
        switch (entry.kind()) {
            case DIRECTORY -> placeDirectory(path, entry.attributes());
            case HARD_LINK -> placeLink(path, entry);
            case FILE, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> place(path, entry, content);
        }
    }

    /** Times before 1970 become its start, as Docker has it. */
    private Attributes adapted(Attributes archived) {
        Instant modified = archived.modified().isBefore(Instant.EPOCH) ? Instant.EPOCH : archived.modified();
        return new Attributes(archived.mode(), owner.orElse(archived.owner()), modified, archived.xattrs());
    }

    private RawPath parentOf(List<RawPath> names, Instant modified) throws IOException {
        return paths.directory(names.subList(0, names.size() - 1), (directory, way, overWhiteout) -> {
            if (++madeDirectories > limits.entries()) {
                throw new LayerException(Code.TOO_LARGE, "reading an archive: its names have more than "
                        + limits.entries() + " directories, which is the limit");
            }
            countName(directory);
            if (overWhiteout) {
                tree.remove(directory);
            }
            tree.makeDirectory(directory, new Attributes(DIRECTORY_MODE, Owner.ROOT, modified, Map.of()));
        });
    }

    private void placeDirectory(RawPath path, Attributes attributes) throws IOException {
        try {
            tree.makeDirectory(path, attributes);
        } catch (PosixException e) {
            if (Posix.lstatIfExists(path).filter(FileStat::isDirectory).isPresent()) {
                tree.setDirectory(path, attributes);
            } else {
                clear(path, e);
                tree.makeDirectory(path, attributes);
            }
        }
    }

    private void place(RawPath path, TarEntry entry, TarReader content) throws IOException {
        try {
            tree.make(path, entry, content);
        } catch (PosixException e) {
            clear(path, e);
            tree.make(path, entry, content);
        }
    }

    private void placeLink(RawPath path, TarEntry entry) throws IOException {
        RawPath target = linkTarget(entry);
        if (!target.equals(path)) {
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
        tree.setAttributes(path, entry.attributes(), Posix.lstat(path).type() != FileType.SYMLINK);
    }

    private RawPath linkTarget(TarEntry entry) throws IOException {
        List<RawPath> names = RootedPaths.names(entry.link());
        if (names.isEmpty()) {
            throw TreeWriter.badLink(entry, "which is the root");
        }
        Optional<RawPath> parent = paths.find(names.subList(0, names.size() - 1));
        if (parent.isPresent()) {
            RawPath target = parent.get().resolve(names.getLast());
            if (Posix.lstatIfExists(target).filter(stat -> !stat.isDirectory()).isPresent()) {
                return target;
            }
        }
        throw TreeWriter.badLink(entry, "which is no file in the archive or where it is unpacked");
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
