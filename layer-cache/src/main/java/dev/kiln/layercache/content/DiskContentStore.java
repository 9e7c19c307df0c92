package dev.kiln.layercache.content;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;

/**
 * Blobs as files named by their digest.
 *
 * <pre>
 * blobs/sha256/ba/ba7816bf…   the bytes, read-only; never changed, only removed
 * ingest/                     blobs being written
 * damaged/                    the last few blobs found not to have their digest, for a person to look at
 * </pre>
 *
 * <p>A committed blob is durable: its bytes and its name were synced. Reading a whole blob checks it; one that is not what
 * its name says is moved away, so that it counts as absent and is fetched or built again. Blobs of up to 64 KiB (manifests,
 * configs) are checked once and then served from memory. Several processes may share a root.
 */
public final class DiskContentStore implements ContentStore, PartialBlobs, Closeable {
    /** What {@link #forEach} says of every blob. */
    public static final String UNKNOWN_TYPE = "application/octet-stream";

    private static final Logger LOG = LoggerFactory.getLogger(DiskContentStore.class);
    private static final int SMALL = 64 << 10;
    private static final long CACHED_BYTES = 32L << 20;
    /** Disks rot slowly: what was right is believed to be right for this long. */
    private static final Duration CHECKED_FOR = Duration.ofHours(24);
    private static final int CHECKED_KEPT = 100_000;
    private static final int DAMAGED_KEPT = 16;
    private static final long DAMAGED_BYTES = 256L << 20;

    private final Path root;
    private final TempFolder ingest;
    private final Use use;
    private final Cache<Digest, byte[]> small = Caffeine.newBuilder()
        .maximumWeight(CACHED_BYTES)
        .weigher((Digest digest, byte[] bytes) -> bytes.length + 200)
        .executor(Runnable::run)
        .build();

    /** Blobs whose file had the right digest when it was read or written of late. */
    private final Cache<Digest, Boolean> checked = Caffeine.newBuilder()
        .maximumSize(CHECKED_KEPT)
        .expireAfterWrite(CHECKED_FOR)
        .executor(Runnable::run)
        .build();

    private DiskContentStore(Path root, TempFolder ingest, Use use) {
        this.root = root;
        this.ingest = ingest;
        this.use = use;
    }

    /** Hears of every blob that somebody is about to find or to store, before it is found or stored. */
    @FunctionalInterface
    public interface Use {
        void of(Digest blob);
    }

    /** Opens the store at {@code root}, making it when it is not there; unfinished blobs of dead processes are removed. */
    public static DiskContentStore open(Path root) throws IOException {
        return open(root, _ -> {});
    }

    /** As {@link #open(Path)}. */
    public static DiskContentStore open(Path root, Use use) throws IOException {
        Path absolute = root.toAbsolutePath();
        DurableFiles.createDirectories(absolute.resolve("blobs"));
        return new DiskContentStore(absolute, TempFolder.open(absolute.resolve("ingest")), use);
    }

    /** What is not here is not in use, so that questions for what does not exist leave nothing behind. */
    @Override
    public OptionalLong size(Digest digest) throws IOException {
        if (sizeNow(digest).isEmpty()) {
            return OptionalLong.empty();
        }
        use.of(digest);
        return sizeNow(digest);
    }

    private OptionalLong sizeNow(Digest digest) throws IOException {
        byte[] cached = small.getIfPresent(digest);
        if (cached != null) {
            return OptionalLong.of(cached.length);
        }
        try {
            return OptionalLong.of(Files.size(path(digest)));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        long size = size(digest).orElseThrow(() -> absent(digest));
        if (offset < 0 || offset > size) {
            throw new ContentException(ContentException.Code.INVALID,
                    "opening blob " + digest + " at byte " + offset + ": it has " + size + " bytes");
        }
        if (size <= SMALL) {
            byte[] bytes = readSmall(digest);
            return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
        }
        FileChannel channel = openChannel(digest);
        channel.position(offset);
        InputStream in = Channels.newInputStream(channel);
        return offset == 0 ? checked(digest, size, in) : in;
    }

    /**
     * The file that holds the blob, to be served without copying; its content is not checked. It stays readable through an
     * open descriptor when the blob is deleted meanwhile.
     */
    public Optional<Path> file(Digest digest) {
        Path file = path(digest);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /**
     * As {@link #file}, when this process has compared the file with its digest in the last day: it was written here, or read
     * to its end. Asking is no use of the blob.
     */
    public Optional<Path> checkedFile(Digest digest) {
        return checked.getIfPresent(digest) == null ? Optional.empty() : file(digest);
    }

    @Override
    public BlobWriter newBlob() throws IOException {
        return newBlob(Optional.empty());
    }

    @Override
    public PartialBlob partial(Path file, String algorithm, long length) throws IOException {
        try {
            return DiskPartialBlob.open(this, file, algorithm, length);
        } catch (IOException e) {
            throw NoSpace.explain(e, root);
        }
    }

    @Override
    public void ingest(Digest expected, long expectedSize, InputStream in) throws IOException {
        if (alreadyHas(expected, expectedSize)) {
            return;
        }
        try (BlobWriter writer = newBlob(Optional.of(expected))) {
            byte[] buffer = new byte[SMALL];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (writer.written() + n > expectedSize) {
                    throw wrongSize(expected, "more than " + expectedSize, expectedSize);
                }
                writer.write(buffer, 0, n);
            }
            if (writer.written() != expectedSize) {
                throw wrongSize(expected, Long.toString(writer.written()), expectedSize);
            }
            var unused = writer.commit(Optional.of(expected));
        }
    }

    @Override
    public Digest ingest(byte[] bytes) throws IOException {
        Digest digest = Digest.sha256(bytes);
        ingest(digest, bytes.length, new ByteArrayInputStream(bytes));
        return digest;
    }

    @Override
    public void delete(Digest digest) throws IOException {
        Files.deleteIfExists(path(digest));
        small.invalidate(digest);
        checked.invalidate(digest);
    }

    @Override
    public void forEach(Consumer<Descriptor> each) throws IOException {
        try (DirectoryStream<Path> algorithms = Files.newDirectoryStream(root.resolve("blobs"))) {
            for (Path algorithm : algorithms) {
                forEach(algorithm, each);
            }
        }
    }

    /** Does something with the file of every blob, in no order. Says nothing to {@link Use}. */
    public void forEachFile(FileAction each) throws IOException {
        for (Digest digest : digests()) {
            each.accept(digest, path(digest));
        }
    }

    /** What is done with a blob's file, which may be gone by then. */
    @FunctionalInterface
    public interface FileAction {
        void accept(Digest digest, Path file) throws IOException;
    }

    private List<Digest> digests() throws IOException {
        List<Digest> all = new ArrayList<>();
        forEach(blob -> all.add(blob.digest()));
        return all;
    }

    /** Removes this opener's unfinished blobs. */
    @Override
    public void close() throws IOException {
        ingest.close();
    }

    /** The folder of this store, absolute. */
    public Path folder() {
        return root;
    }

    Path root() {
        return root;
    }

    /** Gives a finished file its name, also over one that is there: of that nobody knows whether it is still right. */
    void commit(Path temp, FileChannel channel, Digest digest) throws IOException {
        use.of(digest);
        channel.force(false);
        DurableFiles.publish(temp, path(digest));
        checked.put(digest, true);
    }

    /** The digest of a file's content, by the algorithm of {@code like}. */
    static Digest hash(Path file, Digest like) throws IOException {
        MessageDigest hash = like.newHash();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[SMALL];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
        return new Digest(like.algorithm(), HexFormat.of().formatHex(hash.digest()));
    }

    private BlobWriter newBlob(Optional<Digest> algorithm) throws IOException {
        try {
            return new DiskBlobWriter(this, ingest.newPath(), algorithm);
        } catch (IOException e) {
            throw NoSpace.explain(e, root);
        }
    }

    private Path path(Digest digest) {
        return folder(digest).resolve(digest.hex());
    }

    private Path folder(Digest digest) {
        return root.resolve("blobs", digest.algorithm(), digest.hex().substring(0, 2));
    }

    private boolean alreadyHas(Digest expected, long expectedSize) throws IOException {
        OptionalLong size = size(expected);
        if (size.isEmpty() || size.getAsLong() == expectedSize) {
            return size.isPresent() && (expectedSize > SMALL || isRight(expected));
        }
        if (hash(path(expected), expected).equals(expected)) {
            throw wrongSize(expected, Long.toString(size.getAsLong()), expectedSize);
        }
        moveAway(expected);
        small.invalidate(expected);
        return false;
    }

    /** For a small blob, which is read once and then remembered. */
    private boolean isRight(Digest digest) throws IOException {
        try {
            byte[] _ = readSmall(digest);
            return true;
        } catch (ContentException e) {
            return switch (e.code()) {
                case NOT_FOUND, DIGEST_MISMATCH -> false;
                case SIZE_MISMATCH, TOO_LARGE, INVALID, UNAVAILABLE, NO_SPACE -> throw e;
            };
        }
    }

    private byte[] readSmall(Digest digest) throws IOException {
        try {
            return small.get(digest, key -> {
                try (InputStream in = Channels.newInputStream(openChannel(key))) {
                    byte[] bytes = in.readNBytes(SMALL + 1);
                    if (!key.ofSame(bytes).equals(key)) {
                        moveAway(key);
                        throw damaged(key);
                    }
                    return bytes;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private InputStream checked(Digest digest, long size, InputStream in) {
        return new VerifyingInputStream("the file of blob " + digest, in, digest, OptionalLong.of(size),
                new VerifyingInputStream.Verdict() {
                    @Override
                    public void right() {
                        checked.put(digest, true);
                    }

                    @Override
                    public ContentException wrong(ContentException failure) throws IOException {
                        moveAway(digest);
                        return damaged(digest);
                    }
                });
    }

    private FileChannel openChannel(Digest digest) throws IOException {
        try {
            return FileChannel.open(path(digest), StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw absent(digest);
        }
    }

    private void moveAway(Digest digest) throws IOException {
        checked.invalidate(digest);
        Path damaged = root.resolve("damaged");
        Files.createDirectories(damaged);
        try {
            Files.move(path(digest), damaged.resolve(digest.hex()), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            LOG.debug("blob-already-moved digest={}", digest);
            return;
        }
        LOG.warn("blob-damaged digest={} moved-to={}", digest, damaged);
        trim(damaged);
    }

    /** Evidence must not fill the disk. */
    private static void trim(Path damaged) throws IOException {
        List<Path> newestFirst;
        try (Stream<Path> files = Files.list(damaged)) {
            newestFirst = files.sorted(Comparator.comparingLong((Path file) -> file.toFile().lastModified()).reversed())
                .toList();
        }
        long bytes = 0;
        for (int i = 0; i < newestFirst.size(); i++) {
            bytes += newestFirst.get(i).toFile().length();
            if (i >= DAMAGED_KEPT || bytes > DAMAGED_BYTES) {
                Files.deleteIfExists(newestFirst.get(i));
            }
        }
    }

    private static void forEach(Path algorithm, Consumer<Descriptor> each) throws IOException {
        try (DirectoryStream<Path> prefixes = Files.newDirectoryStream(algorithm, Files::isDirectory)) {
            for (Path prefix : prefixes) {
                try (DirectoryStream<Path> blobs = Files.newDirectoryStream(prefix)) {
                    for (Path blob : blobs) {
                        describe(algorithm, blob).ifPresent(each);
                    }
                }
            }
        }
    }

    private static Optional<Descriptor> describe(Path algorithm, Path blob) throws IOException {
        try {
            Digest digest = new Digest(algorithm.getFileName().toString(), blob.getFileName().toString());
            return Optional.of(Descriptor.of(UNKNOWN_TYPE, digest, Files.size(blob)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            LOG.warn("file-is-no-blob file={}", blob);
            return Optional.empty();
        }
    }

    private static ContentException absent(Digest digest) {
        return new ContentException(ContentException.Code.NOT_FOUND, "there is no blob " + digest + " in the store");
    }

    private static ContentException damaged(Digest digest) {
        return new ContentException(ContentException.Code.DIGEST_MISMATCH, "blob " + digest
                + " was damaged on disk; it was moved away and has to be fetched or built again");
    }

    private static ContentException wrongSize(Digest digest, String actual, long expected) {
        return new ContentException(ContentException.Code.SIZE_MISMATCH,
                "storing blob " + digest + ": expected " + expected + " bytes, got " + actual);
    }
}
