package dev.kiln.executor.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.context.PackReader;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Makes a directory what a layout says, by the changes from what it is. No file is written to after it has been made, so a
 * name never has half of its data. For one thread; when it ends early, the directory is of no use any more.
 */
final class LaidOutTree {
    private static final int AT_ONCE = 64 << 20;

    private final RawPath root;
    private final ContextLayout layout;
    /** Directories whose time has changed by what was done in them, or that are new. */
    private final TreeSet<RawPath> disturbed = new TreeSet<>();

    LaidOutTree(RawPath root, ContextLayout layout) {
        this.root = root;
        this.layout = layout;
    }

    void apply(TreeChanges changes, BlobReader packs) throws IOException, InterruptedException {
        for (ContextEntry gone : changes.gone().reversed()) {
            remove(gone);
        }
        Map<Digest, List<ContextEntry.File>> files = new LinkedHashMap<>();
        for (ContextEntry made : changes.made()) {
            make(made, files);
        }
        write(files, packs);
        for (ContextEntry touched : changes.touched()) {
            touch(touched);
        }
        settle();
    }

    private RawPath path(ContextEntry entry) {
        return root.resolve(entry.name());
    }

    private void remove(ContextEntry gone) throws IOException {
        disturbed.add(gone.name().parent());
        switch (gone) {
            case ContextEntry.Directory _ -> Posix.rmdir(path(gone));
            case ContextEntry.File _,ContextEntry.Link _ -> Posix.unlink(path(gone));
        }
    }

    private void make(ContextEntry made, Map<Digest, List<ContextEntry.File>> files) throws IOException {
        disturbed.add(made.name().parent());
        switch (made) {
            case ContextEntry.Directory directory -> {
                Posix.mkdir(path(directory), 0700);
                disturbed.add(directory.name());
            }
            case ContextEntry.Link link -> {
                Posix.symlink(link.target(), path(link));
                Posix.setModified(path(link), link.modified());
            }
            case ContextEntry.File file -> {
                if (file.size() > 0) {
                    files.computeIfAbsent(file.data(), _ -> new ArrayList<>()).add(file);
                } else {
                    try (FileHandle empty = FileHandle.create(path(file), 0600)) {
                        finish(empty, file);
                    }
                }
            }
        }
    }

    private void touch(ContextEntry entry) throws IOException {
        switch (entry) {
            case ContextEntry.Directory directory -> disturbed.add(directory.name());
            case ContextEntry.File file -> {
                Posix.chmod(path(file), file.mode());
                Posix.setModified(path(file), file.modified());
            }
            case ContextEntry.Link link -> Posix.setModified(path(link), link.modified());
        }
    }

    private void write(Map<Digest, List<ContextEntry.File>> files, BlobReader packs)
            throws IOException, InterruptedException {
        try (Writing writing = new Writing(files)) {
            new PackReader(packs).read(layout, files.keySet(), writing);
        }
    }

    private static void finish(FileHandle out, ContextEntry.File file) throws IOException {
        out.chmod(file.mode());
        out.setModified(file.modified());
    }

    /** Gives directories their modes and times, when nothing is done in them any more. */
    private void settle() throws IOException {
        List<ContextEntry> entries = layout.listing().entries();
        for (ContextEntry entry : entries.reversed()) {
            if (entry instanceof ContextEntry.Directory directory && disturbed.contains(directory.name())) {
                Posix.chmod(path(directory), directory.mode());
                Posix.setModified(path(directory), directory.modified());
            }
        }
    }

    private final class Writing implements PackReader.Sink, AutoCloseable {
        private final Map<Digest, List<ContextEntry.File>> files;
        private @Nullable FileHandle out;

        Writing(Map<Digest, List<ContextEntry.File>> files) {
            this.files = files;
        }

        private List<ContextEntry.File> names(Digest data) {
            return files.getOrDefault(data, List.of());
        }

        @Override
        public void begin(Digest data, long size) throws IOException, InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException("unpacking was interrupted");
            }
            out = FileHandle.create(path(names(data).getFirst()), 0600);
        }

        private FileHandle out() throws InterruptedIOException {
            if (out == null) {
                throw new InterruptedIOException("closed while it was written");
            }
            return out;
        }

        @Override
        public void bytes(byte[] buffer, int length) throws IOException {
            out().write(ByteBuffer.wrap(buffer, 0, length));
        }

        @Override
        public void end(Digest data) throws IOException {
            List<ContextEntry.File> all = names(data);
            finish(out(), all.getFirst());
            close();
            copies(all.getFirst(), all.subList(1, all.size()));
        }

        private void copies(ContextEntry.File first, Collection<ContextEntry.File> further) throws IOException {
            for (ContextEntry.File other : further) {
                try (FileHandle in = FileHandle.openForReading(path(first));
                        FileHandle copy = FileHandle.create(path(other), 0600)) {
                    long left = other.size();
                    while (left > 0) {
                        left -= in.copyTo(copy, Math.min(left, AT_ONCE));
                    }
                    finish(copy, other);
                }
            }
        }

        @Override
        public void close() throws IOException {
            FileHandle open = out;
            out = null;
            if (open != null) {
                open.close();
            }
        }
    }
}
