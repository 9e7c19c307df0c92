package dev.kiln.layercache.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.FileId;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Walks one directory and writes its tar. */
final class UpperWriter {

    /** What the directory is. */
    enum Form {
        /** A layer as overlayfs has it, with whiteouts; times are cut to whole seconds. */
        UPPER,
        /** Files as they are, whatever they are called; devices are left out. */
        PLAIN
    }

    private static final List<String> INCOMPLETE = List.of("trusted.overlay.redirect", "trusted.overlay.metacopy");
    private static final RawPath NO_LINK = RawPath.ofUtf8("");
    private static final Attributes OF_WHITEOUT = new Attributes(0, Owner.ROOT, Instant.EPOCH, Map.of());

    private final RawPath root;
    private final LayerOutput out;
    private final Form form;
    private final TarWriter tar;
    private final Map<FileId, RawPath> firstNames = new HashMap<>();

    /** A file on disk and its name in the archive, with what is known of it. */
    private record Found(RawPath file, RawPath name, FileStat stat, List<String> xattrs) {}

    UpperWriter(RawPath root, LayerOutput out, Form form) {
        this.root = root;
        this.out = out;
        this.form = form;
        tar = new TarWriter(out);
    }

    void write() throws IOException {
        if (isOpaque(root, Posix.listxattr(root))) {
            writeWhiteout(Whiteouts.OPAQUE_NAME);
        }
        writeChildren(root, NO_LINK);
        tar.end();
    }

    private void writeChildren(RawPath directory, RawPath name) throws IOException {
        List<DirEntry> entries = new ArrayList<>(Posix.list(directory));
        entries.sort(Comparator.comparing(DirEntry::name));
        for (DirEntry entry : entries) {
            if (entry.type() != FileType.SOCKET) {
                write(directory.resolve(entry.name()), name, entry.name());
            }
        }
    }

    private void write(RawPath file, RawPath parent, RawPath own) throws IOException {
        FileStat stat = Posix.lstat(file);
        RawPath name = parent.resolve(own);
        Found found = new Found(file, name, stat, Posix.listxattr(file));
        if (form == Form.UPPER) {
            if (stat.type() == FileType.CHARACTER_DEVICE && stat.device().equals(Device.NONE)) {
                writeWhiteout(parent.resolve(Whiteouts.nameFor(own)));
                return;
            }
            refuseReserved(name, own);
            refuseIncomplete(found);
        } else if (stat.type() == FileType.CHARACTER_DEVICE || stat.type() == FileType.BLOCK_DEVICE) {
            return;
        }
        writeAsItIs(found);
    }

    private static void refuseReserved(RawPath name, RawPath own) throws LayerException {
        if (Whiteouts.isReserved(own)) {
            throw new LayerException(Code.BAD_WHITEOUT, "packing " + name
                    + ": a layer cannot hold a file of this name, for it would delete another; rename the file");
        }
    }

    private void writeAsItIs(Found found) throws IOException {
        switch (found.stat.type()) {
            case DIRECTORY -> writeDirectory(found);
            case REGULAR -> writeFile(found);
            case SYMLINK -> writeOnce(found, Kind.SYMLINK);
            case CHARACTER_DEVICE -> writeOnce(found, Kind.CHARACTER_DEVICE);
            case BLOCK_DEVICE -> writeOnce(found, Kind.BLOCK_DEVICE);
            case FIFO -> writeOnce(found, Kind.FIFO);
            case SOCKET -> {
                // has no meaning in a layer, nor a form
            }
        }
    }

    private static void refuseIncomplete(Found found) throws LayerException {
        for (String name : INCOMPLETE) {
            if (found.xattrs.contains(name)) {
                throw new LayerException(Code.UNSUPPORTED_ENTRY, "packing " + found.name + ": its attribute " + name
                        + " says that a part of it is in another layer; mount overlays with redirect_dir=off,metacopy=off");
            }
        }
    }

    private void writeDirectory(Found found) throws IOException {
        tar.writeHeader(entry(found, Kind.DIRECTORY, NO_LINK, 0));
        if (isOpaque(found.file, found.xattrs)) {
            writeWhiteout(found.name.resolve(Whiteouts.OPAQUE_NAME));
        }
        writeChildren(found.file, found.name);
    }

    private void writeFile(Found found) throws IOException {
        if (writeAsLink(found)) {
            return;
        }
        tar.writeHeader(entry(found, Kind.FILE, NO_LINK, found.stat.size()));
        if (found.stat.size() > 0) {
            writeContent(found);
        }
    }

    private void writeOnce(Found found, Kind kind) throws IOException {
        if (!writeAsLink(found)) {
            RawPath link = kind == Kind.SYMLINK ? Posix.readlink(found.file) : NO_LINK;
            tar.writeHeader(entry(found, kind, link, 0));
        }
    }

    /** Writes a further name of a file that has gone into the archive already; false when this is its first. */
    private boolean writeAsLink(Found found) throws IOException {
        if (found.stat.links() < 2) {
            return false;
        }
        RawPath first = firstNames.putIfAbsent(found.stat.id(), found.name);
        if (first == null) {
            return false;
        }
        tar.writeHeader(entry(found, Kind.HARD_LINK, first, 0));
        return true;
    }

    private void writeContent(Found found) throws IOException {
        long size = found.stat.size();
        try (FileHandle handle = FileHandle.openForReading(found.file)) {
            for (long rest = size; rest > 0;) {
                ByteBuffer room = out.room();
                room.limit(room.position() + (int) Math.min(room.remaining(), rest));
                int read = handle.read(room);
                if (read < 0) {
                    throw new LayerException(Code.CHANGED, "packing " + found.name + ": it was " + size
                            + " bytes long and ended after " + (size - rest) + "; something still writes to it");
                }
                out.filled(read);
                rest -= read;
            }
        }
        tar.pad(size);
    }

    private void writeWhiteout(RawPath name) throws IOException {
        tar.writeHeader(new TarEntry(Kind.FILE, name, NO_LINK, 0, OF_WHITEOUT, Device.NONE));
    }

    private TarEntry entry(Found found, Kind kind, RawPath link, long size) throws IOException {
        FileStat stat = found.stat;
        Instant modified = form == Form.UPPER ? stat.modified().truncatedTo(ChronoUnit.SECONDS) : stat.modified();
        Attributes attributes = new Attributes(stat.mode(), stat.owner(), modified, keptXattrs(found));
        return new TarEntry(kind, found.name, link, size, attributes, stat.device());
    }

    private static Map<String, byte[]> keptXattrs(Found found) throws IOException {
        if (found.xattrs.isEmpty()) {
            return Map.of();
        }
        Map<String, byte[]> kept = new HashMap<>();
        for (String name : found.xattrs) {
            if (Xattrs.isPacked(name)) {
                Posix.getxattr(found.file, name).ifPresent(value -> kept.put(name, value));
            }
        }
        return kept;
    }

    private boolean isOpaque(RawPath directory, List<String> xattrs) throws IOException {
        if (form == Form.PLAIN) {
            return false;
        }
        for (String name : List.of(Whiteouts.OPAQUE, Whiteouts.USER_OPAQUE)) {
            if (xattrs.contains(name) && Posix.getxattr(directory, name).filter(Whiteouts::isOpaque).isPresent()) {
                return true;
            }
        }
        return false;
    }
}
