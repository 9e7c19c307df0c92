package dev.kiln.cli.context;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/** The files of a folder that no pattern ignores. Nothing is looked at before it is asked for. For one thread. */
public final class FolderFiles {
    private static final int BUFFER = 64 << 10;

    private final Path root;
    private final IgnorePatterns ignored;

    FolderFiles(Path root, IgnorePatterns ignored) {
        this.root = root;
        this.ignored = ignored;
    }

    public Path root() {
        return root;
    }

    /**
     * What is there now.
     *
     * @param known spares reading files that have not changed since
     */
    public Seen look(FileMemory known) throws IOException {
        Walked walked = new Walked(known);
        new FolderWalk(root, ignored, walked).run();
        return new Seen(ContextListing.of(walked.entries), walked.facts, walked.paths);
    }

    private static final class Walked implements FolderWalk.Visitor {
        private final FileMemory known;
        private final List<ContextEntry> entries = new ArrayList<>();
        private final Map<RawPath, FileFacts> facts = new HashMap<>();
        private final Map<Digest, Path> paths = new HashMap<>();
        private final MessageDigest hash = Digest.newSha256();
        private final byte[] buffer = new byte[BUFFER];

        Walked(FileMemory known) {
            this.known = known;
        }

        @Override
        public void directory(String name, FileFacts found) {
            entries.add(new ContextEntry.Directory(RawPath.ofUtf8(name), found.mode(), found.modified()));
        }

        @Override
        public void symlink(String name, FileFacts found, String target) {
            entries.add(new ContextEntry.Link(RawPath.ofUtf8(name), found.modified(), RawPath.ofUtf8(target)));
        }

        @Override
        public void file(String name, FileFacts found, Path path) throws IOException {
            RawPath raw = RawPath.ofUtf8(name);
            Optional<Digest> remembered = known.recall(raw, found);
            Digest data = remembered.isPresent() ? remembered.get() : digest(path, found.size());
            entries.add(new ContextEntry.File(raw, found.mode(), found.modified(), found.size(), data));
            facts.put(raw, found);
            paths.putIfAbsent(data, path);
        }

        private Digest digest(Path path, long size) throws IOException {
            long read = 0;
            try (InputStream in = Files.newInputStream(path)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    hash.update(buffer, 0, n);
                    read += n;
                }
            }
            if (read != size) {
                hash.reset();
                throw new IOException(path + " changed while it was read; build again when nobody writes to it");
            }
            return Digest.ofSha256(hash.digest());
        }
    }

    /** A folder as it was found. */
    public static final class Seen {
        private final ContextListing listing;
        private final Map<RawPath, FileFacts> facts;
        private final Map<Digest, Path> paths;
        private final Instant at = Instant.now();

        private Seen(ContextListing listing, Map<RawPath, FileFacts> facts, Map<Digest, Path> paths) {
            this.listing = listing;
            this.facts = facts;
            this.paths = paths;
        }

        public ContextListing listing() {
            return listing;
        }

        Map<RawPath, FileFacts> facts() {
            return facts;
        }

        /** When the last file had been looked at. */
        Instant at() {
            return at;
        }

        /**
         * Writes the data with this digest, which some file of the listing has. The farm checks it against the digest.
         *
         * @throws UncheckedIOException when the file cannot be read any more, as opposed to {@code out} not written
         */
        public void writeData(Digest data, long size, OutputStream out) throws IOException {
            Path path = paths.get(data);
            if (path == null) {
                throw new IllegalArgumentException("no file has the data " + data);
            }
            byte[] bytes = new byte[(int) Math.min(BUFFER, size)];
            long left = size;
            try (InputStream in = open(path)) {
                while (left > 0) {
                    int n = read(path, in, bytes, (int) Math.min(bytes.length, left));
                    out.write(bytes, 0, n);
                    left -= n;
                }
            }
        }

        private static InputStream open(Path path) {
            try {
                return Files.newInputStream(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static int read(Path path, InputStream in, byte[] bytes, int length) {
            try {
                int n = in.read(bytes, 0, length);
                if (n < 0) {
                    throw new IOException(path + " became shorter while it was sent; build again");
                }
                return n;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
