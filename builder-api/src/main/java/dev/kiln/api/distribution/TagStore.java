package dev.kiln.api.distribution;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.oci.Digest;

/**
 * What repositories there are, their manifests and their tags, as small files.
 *
 * <pre>
 * repositories/library/app/_manifests/sha256/ba7816bf…       its media type
 * repositories/library/app/_tags/1.0                         a digest
 * repositories/library/app/_referrers/sha256/ba78…/sha256-…  empty: that manifest names the one above as its subject
 * repositories/library/app/_deleted/sha256/e3b0c442…         empty: that blob was deleted here
 * writing/                                                   files being written
 * </pre>
 *
 * <p>What was put is durable. A tag always names a manifest of its repository's list: manifests are listed before they
 * are tagged, and lose their tags before they leave the list. Safe for many threads; writers of one repository take
 * turns. One process at a time.
 */
public final class TagStore implements Closeable {
    private static final String MANIFESTS = "_manifests";
    private static final String TAGS = "_tags";
    private static final String REFERRERS = "_referrers";
    private static final String DELETED = "_deleted";
    private static final byte[] EMPTY = {};

    private final Path repositories;
    private final TempFolder temp;
    private final List<ReentrantLock> locks = IntStream.range(0, 64).mapToObj(_ -> new ReentrantLock()).toList();

    private TagStore(Path repositories, TempFolder temp) {
        this.repositories = repositories;
        this.temp = temp;
    }

    /** Opens the store at {@code root}, making it when it is not there; what a dead process left half-written goes. */
    public static TagStore open(Path root) throws IOException {
        Path repositories = root.toAbsolutePath().resolve("repositories");
        DurableFiles.createDirectories(repositories);
        return new TagStore(repositories, TempFolder.open(root.toAbsolutePath().resolve("writing")));
    }

    /** Whether anything was ever pushed there. */
    boolean exists(RepositoryName name) {
        return Files.isDirectory(folder(name, MANIFESTS));
    }

    /** The media type of a manifest of this repository. */
    Optional<String> mediaType(RepositoryName name, Digest manifest) throws IOException {
        return read(byDigest(name, MANIFESTS, manifest));
    }

    Optional<Digest> tagged(RepositoryName name, String tag) throws IOException {
        return read(tagFile(name, tag)).map(Digest::parse);
    }

    /** Lists a manifest, and gives it a tag when there is one. */
    void put(RepositoryName name, ListedManifest manifest, Optional<String> tag) throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            if (manifest.subject().isPresent()) {
                writeNew(referrer(name, manifest.subject().get(), manifest.digest()), EMPTY);
            }
            writeNew(byDigest(name, MANIFESTS, manifest.digest()), bytes(manifest.mediaType()));
            if (tag.isPresent()) {
                writeNew(tagFile(name, tag.get()), bytes(manifest.digest().toString()));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A manifest as a repository lists it.
     *
     * @param subject the manifest it is attached to
     */
    record ListedManifest(Digest digest, String mediaType, Optional<Digest> subject) {}

    /** Says whether the tag was there. */
    boolean deleteTag(RepositoryName name, String tag) throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            return delete(tagFile(name, tag));
        } finally {
            lock.unlock();
        }
    }

    /** Takes a manifest from the list, and all tags that name it; says whether it was there. */
    boolean deleteManifest(RepositoryName name, ListedManifest manifest) throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            for (String tag : tags(name)) {
                if (tagged(name, tag).filter(manifest.digest()::equals).isPresent()) {
                    var unused = delete(tagFile(name, tag));
                }
            }
            if (manifest.subject().isPresent()) {
                var unused = delete(referrer(name, manifest.subject().get(), manifest.digest()));
            }
            return delete(byDigest(name, MANIFESTS, manifest.digest()));
        } finally {
            lock.unlock();
        }
    }

    /** All tags, sorted. */
    List<String> tags(RepositoryName name) throws IOException {
        return names(folder(name, TAGS));
    }

    /** The manifests here that name {@code subject} as theirs, sorted. */
    List<Digest> referrers(RepositoryName name, Digest subject) throws IOException {
        return names(byDigest(name, REFERRERS, subject)).stream().map(n -> Digest.parse(n.replace('-', ':'))).toList();
    }

    /** The repositories that have a manifest, sorted. */
    List<RepositoryName> repositories() throws IOException {
        List<RepositoryName> found = new ArrayList<>();
        Files.walkFileTree(repositories, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (!folder.getFileName().toString().startsWith("_")) {
                    return FileVisitResult.CONTINUE;
                }
                if (folder.endsWith(MANIFESTS) && hasFiles(folder)) {
                    found.add(new RepositoryName(repositories.relativize(folder.resolveSibling("")).toString()));
                }
                return FileVisitResult.SKIP_SUBTREE;
            }
        });
        found.sort(null);
        return found;
    }

    /** Notes that a blob is no longer in this repository; the bytes stay, others may have them. */
    void hideBlob(RepositoryName name, Digest blob) throws IOException {
        writeNew(byDigest(name, DELETED, blob), EMPTY);
    }

    /** Notes that a blob is in this repository again. */
    void showBlob(RepositoryName name, Digest blob) throws IOException {
        if (isHidden(name, blob)) {
            var unused = delete(byDigest(name, DELETED, blob));
        }
    }

    boolean isHidden(RepositoryName name, Digest blob) {
        return Files.exists(byDigest(name, DELETED, blob));
    }

    @Override
    public void close() throws IOException {
        temp.close();
    }

    private ReentrantLock lock(RepositoryName name) {
        return locks.get(Math.floorMod(name.hashCode(), locks.size()));
    }

    private Path folder(RepositoryName name, String kind) {
        return repositories.resolve(name.value()).resolve(kind);
    }

    private Path byDigest(RepositoryName name, String kind, Digest digest) {
        return folder(name, kind).resolve(digest.algorithm()).resolve(digest.hex());
    }

    private Path referrer(RepositoryName name, Digest subject, Digest manifest) {
        return byDigest(name, REFERRERS, subject).resolve(manifest.algorithm() + "-" + manifest.hex());
    }

    private Path tagFile(RepositoryName name, String tag) {
        if (!name.admitsTag(tag)) {
            throw new IllegalArgumentException("not a tag: " + tag);
        }
        return folder(name, TAGS).resolve(tag);
    }

    private void writeNew(Path file, byte[] content) throws IOException {
        Optional<String> old = read(file);
        if (old.isEmpty() || !old.get().equals(new String(content, StandardCharsets.UTF_8))) {
            DurableFiles.write(temp, file, content);
        }
    }

    private static boolean delete(Path file) throws IOException {
        if (!Files.deleteIfExists(file)) {
            return false;
        }
        DurableFiles.syncDirectory(file.resolveSibling(""));
        return true;
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static boolean hasFiles(Path manifests) throws IOException {
        for (String algorithm : names(manifests)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(manifests.resolve(algorithm))) {
                if (files.iterator().hasNext()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<String> names(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
