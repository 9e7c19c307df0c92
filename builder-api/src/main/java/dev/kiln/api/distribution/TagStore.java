package dev.kiln.api.distribution;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * What repositories there are, their manifests and their tags, as small files.
 *
 * <pre>
 * repositories/library/app/_manifests/sha256/ba7816bf…       its media type
 * repositories/library/app/_tags/1.0                         a digest
 * repositories/library/app/_referrers/sha256/ba78…/sha256-…  empty: that manifest names the one above as its subject
 * repositories/library/app/_deleted/sha256/e3b0c442…         see {@link RepositoryBlobs}
 * writing/                                                   files being written
 * </pre>
 *
 * <p>A file that does not hold what it should counts as absent and is logged; the next put of the same name mends it. (A
 * damaged tag is still among {@link #tags}, so that it can be seen and deleted.)
 *
 * <p>The time of a manifest's file is when it was last pushed, asked for by its digest, or lost a tag; what has no tag is
 * kept for a while after that, see {@link UntaggedStock}.
 *
 * <p>What was put is durable. A tag always names a manifest of its repository's list: manifests are listed before they
 * are tagged, and lose their tags before they leave the list. Safe for many threads; writers of one repository take
 * turns. One process at a time.
 */
public final class TagStore implements Closeable {
    private static final String MANIFESTS = "_manifests";
    private static final String TAGS = "_tags";
    private static final String REFERRERS = "_referrers";
    private static final Logger LOG = LoggerFactory.getLogger(TagStore.class);

    private final Path repositories;
    private final SmallFiles files;
    private final RepositoryBlobs blobs;
    private final ManifestUses uses;
    private final List<ReentrantLock> locks = IntStream.range(0, 64).mapToObj(_ -> new ReentrantLock()).toList();

    private TagStore(Path repositories, SmallFiles files, InstantSource clock) {
        this.repositories = repositories;
        this.files = files;
        this.blobs = new RepositoryBlobs(repositories, files);
        this.uses = new ManifestUses((name, manifest) -> byDigest(name, MANIFESTS, manifest), clock);
    }

    /** Opens the store at {@code root}, making it when it is not there; what a dead process left half-written goes. */
    public static TagStore open(Path root) throws IOException {
        return open(root, InstantSource.system());
    }

    /** As {@link #open(Path)}. */
    public static TagStore open(Path root, InstantSource clock) throws IOException {
        Path repositories = root.toAbsolutePath().resolve("repositories");
        DurableFiles.createDirectories(repositories);
        return new TagStore(repositories, SmallFiles.open(root.toAbsolutePath().resolve("writing")), clock);
    }

    /** Whether anything was ever pushed there. */
    boolean exists(RepositoryName name) {
        return Files.isDirectory(folder(name, MANIFESTS));
    }

    /** The media type of a manifest of this repository. */
    Optional<String> mediaType(RepositoryName name, Digest manifest) throws IOException {
        Path file = byDigest(name, MANIFESTS, manifest);
        return SmallFiles.read(file, text -> {
            if (!MediaTypes.isManifest(text) && !MediaTypes.isIndex(text)) {
                throw new IllegalArgumentException("it holds no media type of a manifest");
            }
            return text;
        });
    }

    /** The manifests that the repository lists, sorted. */
    List<Digest> manifests(RepositoryName name) throws IOException {
        List<Digest> found = new ArrayList<>();
        for (String algorithm : SmallFiles.names(folder(name, MANIFESTS))) {
            Path folder = folder(name, MANIFESTS).resolve(algorithm);
            found.addAll(digests(folder, SmallFiles.names(folder).stream().map(hex -> algorithm + ":" + hex)));
        }
        return found;
    }

    Optional<Digest> tagged(RepositoryName name, String tag) throws IOException {
        return SmallFiles.read(tagFile(name, tag), Digest::parse);
    }

    /** Does something while nobody else changes this repository; may call the other methods. */
    void alone(RepositoryName name, Step step) throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            step.run();
        } finally {
            lock.unlock();
        }
    }

    /** What is done alone. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Lists a manifest, and gives it a tag when there is one. */
    void put(RepositoryName name, ListedManifest manifest, Collection<String> newTags) throws IOException {
        alone(name, () -> {
            if (manifest.subject().isPresent()) {
                uses.note(name, manifest.subject().get());
                files.write(referrer(name, manifest.subject().get(), manifest.digest()), "");
            }
            files.write(byDigest(name, MANIFESTS, manifest.digest()), manifest.mediaType());
            uses.note(name, manifest.digest());
            for (String tag : newTags) {
                losesTag(name, tag);
                files.write(tagFile(name, tag), manifest.digest().toString());
            }
            blobs.show(name, manifest.digest());
        });
    }

    /** The manifest that a tag names now is kept for a while from now on. */
    private void losesTag(RepositoryName name, String tag) throws IOException {
        Optional<Digest> old = tagged(name, tag);
        if (old.isPresent()) {
            uses.note(name, old.get());
        }
    }

    /** When manifests were used. */
    ManifestUses uses() {
        return uses;
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
            losesTag(name, tag);
            return SmallFiles.delete(tagFile(name, tag));
        } finally {
            lock.unlock();
        }
    }

    /** Takes a manifest from the list, and all tags that name it; says whether it was there. */
    boolean deleteManifest(RepositoryName name, ListedManifest manifest) throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            return deleteManifest(name, manifest, tags(name));
        } finally {
            lock.unlock();
        }
    }

    /**
     * As the other, for whoever knows which tags may name it.
     *
     * @param candidates all tags of the repository that name the manifest are among them
     */
    boolean deleteManifest(RepositoryName name, ListedManifest manifest, Collection<String> candidates)
            throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            for (String tag : candidates) {
                if (tagged(name, tag).filter(manifest.digest()::equals).isPresent()) {
                    var unused = SmallFiles.delete(tagFile(name, tag));
                }
            }
            if (manifest.subject().isPresent()) {
                var unused = SmallFiles.delete(referrer(name, manifest.subject().get(), manifest.digest()));
            }
            return SmallFiles.delete(byDigest(name, MANIFESTS, manifest.digest()));
        } finally {
            lock.unlock();
        }
    }

    /** All tags, sorted. */
    List<String> tags(RepositoryName name) throws IOException {
        return SmallFiles.names(folder(name, TAGS));
    }

    /** The manifests here that name {@code subject} as theirs, sorted. */
    List<Digest> referrers(RepositoryName name, Digest subject) throws IOException {
        Path folder = byDigest(name, REFERRERS, subject);
        return digests(folder, SmallFiles.names(folder).stream().map(n -> n.replace('-', ':')));
    }

    /** The repositories that have a manifest, sorted. */
    List<RepositoryName> repositories() throws IOException {
        return RepositoryWalk.of(repositories, MANIFESTS);
    }

    /** The folder of this store. */
    public Path folder() {
        return repositories.resolveSibling("");
    }

    /** What lists a manifest. */
    Path file(RepositoryName name, Digest manifest) {
        return byDigest(name, MANIFESTS, manifest);
    }

    /** Where the repository lies; other repositories may lie below. */
    Path folder(RepositoryName name) {
        return repositories.resolve(name.value());
    }

    /** Removes a repository: its tags first, so that none ever names what is gone. Says whether there was one. */
    boolean remove(RepositoryName name) throws IOException {
        ReentrantLock lock = lock(name);
        lock.lock();
        try {
            boolean there = exists(name);
            for (String kind : List.of(TAGS, MANIFESTS, REFERRERS)) {
                Posix.deleteTree(RawPath.of(folder(name, kind)));
            }
            for (String kind : RepositoryBlobs.folders()) {
                Posix.deleteTree(RawPath.of(folder(name, kind)));
            }
            if (SmallFiles.names(folder(name)).isEmpty()) {
                Files.deleteIfExists(folder(name));
            }
            return there;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets which blobs were pushed more than {@code keep} ago: manifests refer to them now, or nobody has wanted them. */
    public void forgetPushes(Duration keep) throws IOException {
        for (RepositoryName name : RepositoryWalk.of(repositories, RepositoryBlobs.PUSHED)) {
            blobs.forgetPushed(name, uses.now().minus(keep));
        }
    }

    /** What this store's repositories say of blobs. */
    RepositoryBlobs blobs() {
        return blobs;
    }

    @Override
    public void close() throws IOException {
        files.close();
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

    private static List<Digest> digests(Path folder, Stream<String> texts) {
        return texts.mapMulti((String text, Consumer<Digest> to) -> {
            try {
                to.accept(Digest.parse(text));
            } catch (IllegalArgumentException e) {
                LOG.warn("file is of nobody, passed over folder={} name={}", folder, text);
            }
        }).toList();
    }
}
