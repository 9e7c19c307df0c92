package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.buildkit.FileSelector;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * BuildKit's digests of files: of one, all that a tar header says of it but name and time, and its data; of a directory,
 * its own header and, in the order of their names, name and digest of each entry. Of files that are picked one by one, a
 * list of names and digests; older versions of BuildKit name each by the last part of its path, newer ones by all of it.
 * For one tree and one thread.
 */
final class FileDigests {
    private static final int BUFFER = 256 * 1024;

    private final Root root;
    private final boolean uploaded;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

    /** @param uploaded true for a context that a client sent: its root has no header of its own */
    FileDigests(Root root, boolean uploaded) {
        this.root = root;
        this.uploaded = uploaded;
    }

    /** One digest as BuildKit made it until the list of picked files got whole paths, and as it makes it since. */
    record Forms(Digest older, Digest newer) {}

    /** @throws StepFailed when what is selected is not there */
    Forms of(FileSelector selector) throws IOException, StepFailed, InterruptedException {
        if (selector.picks()) {
            return picked(selector);
        }
        Digest whole = whole(selector.path(), selector.followLinks());
        return new Forms(whole, whole);
    }

    private Digest whole(String path, boolean followLinks) throws IOException, StepFailed, InterruptedException {
        RawPath file = followLinks ? root.follow(path) : unfollowed(path);
        return all(file, required(file, path));
    }

    /** Links on the way are followed, one at the end is not. */
    private RawPath unfollowed(String path) throws IOException, StepFailed {
        int slash = path.lastIndexOf('/');
        return path.equals("/")
                ? root.follow(path)
                : root.follow(path.substring(0, slash + 1)).resolve(RawPath.ofUtf8(path.substring(slash + 1)));
    }

    private static FileStat required(RawPath file, String path) throws IOException, StepFailed {
        return Posix.lstatIfExists(file)
            .orElseThrow(() -> new StepFailed("\"" + path + "\": not found", Optional.empty()));
    }

    private Digest all(RawPath file, FileStat stat) throws IOException, InterruptedException {
        if (!stat.isDirectory()) {
            return entry(file, stat);
        }
        MessageDigest hash = Digest.newSha256();
        hash.update((byte) 0);
        text(hash, entry(file, stat).toString());
        for (DirEntry entry : FileOrder.sorted(Posix.list(file))) {
            FileThreads.checkInterrupt();
            RawPath below = file.resolve(entry.name());
            hash.update((byte) 0);
            hash.update(entry.name().bytes());
            text(hash, all(below, Posix.lstat(below)).toString());
        }
        return Digest.ofSha256(hash.digest());
    }

    /** Of the entry itself; what is in a directory does not count. */
    private Digest entry(RawPath file, FileStat stat) throws IOException, InterruptedException {
        if (uploaded && file.equals(root.directory())) {
            return Digest.sha256(new byte[0]);
        }
        MessageDigest hash = Digest.newSha256();
        boolean regular = stat.type() == FileType.REGULAR;
        text(hash, "name" + "mode" + (stat.type() == FileType.SYMLINK ? 0777 : stat.mode()));
        text(hash, "uid" + stat.owner().uid() + "gid" + stat.owner().gid() + "size" + (regular ? stat.size() : 0));
        text(hash, "typeflag" + type(stat.type()) + "linkname");
        if (stat.type() == FileType.SYMLINK) {
            hash.update(Posix.readlink(file).bytes());
        }
        text(hash, "uname" + "gname" + "devmajor" + stat.device().major() + "devminor" + stat.device().minor());
        for (String name : Attributes.ofContent(file)) {
            Optional<byte[]> value = Posix.getxattr(file, name);
            if (value.isPresent()) {
                text(hash, name);
                hash.update(value.get());
            }
        }
        if (regular) {
            data(hash, file);
        }
        return Digest.ofSha256(hash.digest());
    }

    private static char type(FileType type) {
        return switch (type) {
            case REGULAR, SOCKET -> '0';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    private void data(MessageDigest hash, RawPath file) throws IOException, InterruptedException {
        try (FileHandle in = FileHandle.openForReading(file)) {
            while (in.read(buffer.clear()) >= 0) {
                hash.update(buffer.flip());
                FileThreads.checkInterrupt();
            }
        }
    }

    private static void text(MessageDigest hash, String text) {
        hash.update(text.getBytes(StandardCharsets.UTF_8));
    }

    /** One of the entries that were picked: its path as the selector sees it, and its digest. */
    private record Picked(String path, Digest digest) {}

    private Forms picked(FileSelector selector) throws IOException, StepFailed, InterruptedException {
        List<Picked> picked = new ArrayList<>();
        String prefix = selector.wildcard() ? matching(selector, picked) : below(selector, picked);
        if (picked.isEmpty()) {
            Digest nothing = Digest.sha256(new byte[0]);
            return new Forms(nothing, nothing);
        }
        if (picked.size() == 1 && name(selector.path()).equals(name(picked.getFirst().path()))) {
            return new Forms(picked.getFirst().digest(), picked.getFirst().digest());
        }
        MessageDigest older = Digest.newSha256();
        MessageDigest newer = Digest.newSha256();
        for (Picked one : picked) {
            text(older, (one == picked.getFirst() ? "" : "\0") + name(one.path()) + one.digest());
            String key = one.path().substring(prefix.length()).replace('/', '\0');
            text(newer, (key.isEmpty() ? "\0" : key) + one.digest());
        }
        return new Forms(Digest.ofSha256(older.digest()), Digest.ofSha256(newer.digest()));
    }

    private static String name(String path) {
        return path.equals("/") ? path : path.substring(path.lastIndexOf('/') + 1);
    }

    private String below(FileSelector selector, List<Picked> picked)
            throws IOException, StepFailed, InterruptedException {
        String path = selector.path().equals("/") ? "" : selector.path();
        RawPath start = unfollowed(selector.path());
        FileStat stat = required(start, selector.path());
        PathFilter filter = PathFilter.of(selector.include(), selector.excludes());
        boolean ownHeader = selector.include().isEmpty() && !path.isEmpty();
        if (!stat.isDirectory()) {
            if (selector.include().isEmpty()) {
                picked.add(new Picked(path, followed(start, stat, path, selector)));
            }
            return path;
        }
        List<Picked> way = new ArrayList<>();
        Picked header = new Picked(path, entry(start, stat));
        if (ownHeader) {
            picked.add(header);
        } else if (!path.isEmpty()) {
            way.add(header);
        }
        Optional<FileSelector> top = path.isEmpty() ? Optional.of(selector) : Optional.empty();
        new Walk(filter, picked, top).entries(start, path, filter.top(), way);
        return path;
    }

    /** A link that is taken by itself stands for what it leads to. */
    private Digest followed(RawPath file, FileStat stat, String path, FileSelector selector)
            throws IOException, StepFailed, InterruptedException {
        return stat.type() == FileType.SYMLINK && selector.followLinks()
                ? whole(path, true)
                : entry(file, stat);
    }

    private String matching(FileSelector selector, List<Picked> picked)
            throws IOException, StepFailed, InterruptedException {
        PathFilter filter = PathFilter.of(selector.include(), selector.excludes());
        SourceSelection selection = new SourceSelection(root);
        String pattern = selector.path().substring(1);
        for (SourceSelection.Selected match : selection.matches(pattern)) {
            String path = "/" + match.name();
            RawPath file = unfollowed(path);
            FileStat stat = Posix.lstat(file);
            picked.add(new Picked(path, followed(file, stat, path, selector)));
            if (stat.isDirectory()) {
                new Walk(filter, picked, Optional.empty()).entries(file, path, filter.top(), new ArrayList<>());
            }
        }
        return plainPart(pattern);
    }

    /** What stands before the first part with a wildcard. */
    private static String plainPart(String pattern) {
        StringBuilder plain = new StringBuilder();
        for (String part : pattern.split("/")) {
            if (GoPattern.isPattern(part)) {
                break;
            }
            plain.append('/').append(part);
        }
        return plain.toString();
    }

    /** Goes through a directory; one that is not taken itself counts when something below it is. */
    private final class Walk {
        private final PathFilter filter;
        private final List<Picked> picked;
        private Optional<FileSelector> top;

        /** @param top of which links right in the first directory stand for what they lead to */
        Walk(PathFilter filter, List<Picked> picked, Optional<FileSelector> top) {
            this.filter = filter;
            this.picked = picked;
            this.top = top;
        }

        void entries(RawPath directory, String path, PathFilter.Verdict said, List<Picked> way)
                throws IOException, StepFailed, InterruptedException {
            Optional<FileSelector> following = top;
            top = Optional.empty();
            for (DirEntry entry : FileOrder.sorted(Posix.list(directory))) {
                FileThreads.checkInterrupt();
                PathFilter.Verdict verdict = filter.within(said, entry.name());
                RawPath file = directory.resolve(entry.name());
                FileStat stat = Posix.lstat(file);
                if (!verdict.taken() && !(stat.isDirectory() && verdict.search())) {
                    continue;
                }
                String name = path + "/" + entry.name();
                Picked one = new Picked(name, following.isPresent()
                        ? followed(file, stat, name, following.get())
                        : entry(file, stat));
                if (verdict.taken()) {
                    picked.addAll(way);
                    way.clear();
                    picked.add(one);
                }
                if (stat.isDirectory()) {
                    if (!verdict.taken()) {
                        way.add(one);
                    }
                    entries(file, one.path(), verdict, way);
                    way.remove(one);
                }
            }
        }
    }
}
