package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.history.FileList;
import dev.kiln.executor.op.SourceSelection.Selected;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * The digest of all that a copy takes from its source: type, mode, owner unless the copy forgets it, size, link target,
 * device, extended attributes, data; and the names below a directory. Times do not count, nor does what kind of entry the
 * directory itself is, since only what is in it is copied, unless the copy makes the destination of it.
 *
 * <p>On the way it lists the files, so that somebody can tell later which of them made the difference. For one digest and
 * one thread.
 */
final class ContentHasher implements TreeWalk.Visitor {
    private static final int BUFFER = 256 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private final MessageDigest hash = Digest.newSha256();
    /** Of one file's attributes or data at a time. */
    private final MessageDigest part = Digest.newSha256();
    private final FileList.Builder list = new FileList.Builder();
    private final ByteBuffer header = ByteBuffer.allocate(64);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final boolean ownerGiven;
    private boolean owners;
    private Root root = Root.of(Path.of("/"));
    /** Where the walk is, from the root of the files. */
    private RawPath directory = RawPath.ofUtf8("");

    /** @param ownerGiven true when the copy says whom files belong to, so that it makes no difference who had them */
    ContentHasher(boolean ownerGiven) {
        this.ownerGiven = ownerGiven;
    }

    /** Adds what one source of the copy means. */
    void add(CopySource source, Root root) throws IOException, StepFailed, InterruptedException {
        mark('s');
        this.root = root;
        owners = !ownerGiven;
        for (Selected selected : source.select(root)) {
            if (source.isPattern()) {
                text('n', selected.name());
            }
            if (selected.stat().isDirectory()) {
                mark('D');
                if (!source.item().wildcards()) {
                    file(selected.name(), selected.file(), selected.stat());
                }
                directory = below(selected.name());
                boolean _ = source.walk(selected, this);
                mark('.');
            } else {
                source.checkFile();
                file(selected.name(), selected.file(), selected.stat());
            }
        }
    }

    /** Adds one file of the root, which need not be there. */
    void add(Root root, String path) throws IOException, StepFailed, InterruptedException {
        this.root = root;
        RawPath file = root.follow(path);
        Optional<FileStat> stat = Posix.lstatIfExists(file);
        if (stat.isEmpty()) {
            mark('-');
        } else {
            file(RawPath.ofUtf8(path), file, stat.get());
        }
    }

    /**
     * Adds a file or a directory as it is seen where it is mounted: with what kind of entry it is itself.
     *
     * @param name from the root of the files
     */
    void whole(Root root, String name, RawPath path, FileStat stat)
            throws IOException, StepFailed, InterruptedException {
        mark('w');
        this.root = root;
        owners = !ownerGiven;
        file(RawPath.ofUtf8(name), path, stat);
        if (stat.isDirectory()) {
            directory = below(RawPath.ofUtf8(name));
            boolean _ = new TreeWalk(PathFilter.of(Optional.empty(), List.of()), this).walk(path);
            mark('.');
        }
    }

    Digest digest() {
        return Digest.ofSha256(hash.digest());
    }

    /** What the digest is of. */
    FileList files() {
        return list.build();
    }

    @Override
    public void enter(TreeWalk.Entry entered) throws IOException, InterruptedException {
        file(entered);
        directory = directory.resolve(entered.name());
    }

    @Override
    public void leave(TreeWalk.Entry left) {
        directory = directory.parent();
        mark('.');
    }

    @Override
    public void file(TreeWalk.Entry entry) throws IOException, InterruptedException {
        text('e', entry.name());
        file(directory.resolve(entry.name()), entry.file(), entry.stat());
    }

    /** What is below the root of the files has no other beginning. */
    private static RawPath below(RawPath name) {
        return name.equals(RawPath.ofUtf8(".")) ? RawPath.ofUtf8("") : name;
    }

    private void file(RawPath name, RawPath path, FileStat stat) throws IOException, InterruptedException {
        FileType type = stat.type() == FileType.SOCKET ? FileType.REGULAR : stat.type();
        header.clear().put((byte) 'f').put((byte) type.ordinal());
        header.putInt(type == FileType.SYMLINK ? 0777 : stat.mode());
        header.putLong(owners ? stat.owner().uid() : 0).putLong(owners ? stat.owner().gid() : 0);
        header.putInt(stat.device().major()).putInt(stat.device().minor());
        hash.update(header.flip());
        Optional<Digest> known = type == FileType.REGULAR ? root.known(path) : Optional.empty();
        byte[] attributes = known.isPresent() ? NOTHING : attributes(path);
        byte[] content = switch (type) {
            case REGULAR ->
                known.isPresent() ? data(known.get()) : stat.type() == FileType.REGULAR ? data(path) : NOTHING;
            case SYMLINK -> target(path);
            // all of it is in the header
            case DIRECTORY, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> NOTHING;
        };
        list.add(name, type, type == FileType.SYMLINK ? 0777 : stat.mode(), owners ? stat.owner().uid() : 0,
                owners ? stat.owner().gid() : 0, attributes, content);
    }

    /** Their digest; empty without any. */
    private byte[] attributes(RawPath path) throws IOException {
        boolean any = false;
        for (String name : Attributes.ofContent(path)) {
            Optional<byte[]> value = Posix.getxattr(path, name);
            if (value.isPresent()) {
                text('x', RawPath.ofUtf8(name));
                bytes(value.get());
                part.update(name.getBytes(StandardCharsets.UTF_8));
                part.update((byte) 0);
                part.update(value.get());
                any = true;
            }
        }
        return any ? part.digest() : NOTHING;
    }

    private byte[] data(RawPath path) throws IOException, InterruptedException {
        try (FileHandle in = FileHandle.openForReading(path)) {
            while (in.read(buffer.clear()) >= 0) {
                part.update(buffer.flip());
                FileThreads.checkInterrupt();
            }
        }
        return data(part.digest());
    }

    private byte[] data(Digest known) {
        return data(HexFormat.of().parseHex(known.hex()));
    }

    private byte[] data(byte[] content) {
        mark('d');
        hash.update(content);
        return content;
    }

    private byte[] target(RawPath path) throws IOException {
        RawPath target = Posix.readlink(path);
        text('l', target);
        return part.digest(target.bytes());
    }

    private void text(char kind, RawPath text) {
        mark(kind);
        bytes(text.bytes());
    }

    private void bytes(byte[] value) {
        hash.update(header.clear().putInt(value.length).flip());
        hash.update(value);
    }

    private void mark(char kind) {
        hash.update((byte) kind);
    }
}
