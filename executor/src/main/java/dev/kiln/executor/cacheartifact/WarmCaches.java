package dev.kiln.executor.cacheartifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import dev.kiln.executor.cacheartifact.CacheArtifact.Entry;
import dev.kiln.executor.cachemount.Wanted;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.layer.TreeExtractor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.Repository;

/**
 * What new caches of one build begin with: what artifacts have of them. A registry is asked when the first new cache is
 * made, and a build that makes none asks nothing. What cannot be had is told, and the cache begins as it would without.
 */
public final class WarmCaches {
    private static final TreeExtractor EXTRACTOR = new TreeExtractor(ExtractLimits.LAYER.withBytes(64L << 30),
            Owners.KEEP);

    private final List<Source> sources;
    private final RegistryClient registries;
    private final ContentStore content;
    private final Consumer<String> notices;

    /**
     * @param from asked in this order
     * @param notices gets lines for the person who asked for the build, on any thread
     */
    public WarmCaches(RegistryClient registries, ContentStore content, List<ImageReference> from,
            Consumer<String> notices) {
        this.registries = registries;
        this.content = content;
        this.notices = notices;
        this.sources = from.stream().map(Source::new).toList();
    }

    /**
     * How a cache begins when the executor has none of this id and origin yet.
     *
     * @param origin what it would begin with otherwise, as {@link Wanted#origin} has it
     * @param otherwise when no artifact has it
     */
    public Wanted.Beginning beginning(String id, String origin, Wanted.Beginning otherwise) {
        return sources.isEmpty() ? otherwise : directory -> {
            Digest from = CacheArtifact.origin(origin);
            for (Source source : sources) {
                Optional<Entry> entry = source.artifact().find(id, from);
                if (entry.isPresent() && fill(directory, entry.get(), source)) {
                    return Optional.of(entry.get().root());
                }
            }
            return otherwise.fill(directory);
        };
    }

    /** @return false when it cannot be had; the directory is empty again */
    private boolean fill(Path directory, Entry entry, Source source) throws IOException, InterruptedException {
        try {
            registries.repository(source.reference).pull(entry.blob(), content);
            try (InputStream blob = content.open(entry.blob().digest())) {
                Digest diffId = EXTRACTOR.extract(blob, directory);
                if (!diffId.equals(entry.diffId())) {
                    throw new ContentException(ContentException.Code.DIGEST_MISMATCH, "its tar has the digest " + diffId
                            + " and not " + entry.diffId());
                }
            }
            notices.accept("the new cache " + CacheArtifact.shown(entry.id()) + " begins with what " + source.reference
                    + " has of it ("
                    + entry.blob().size() + " bytes)");
            return true;
        } catch (RegistryException | ContentException | LayerException e) {
            if (e instanceof ContentException full && full.code() == ContentException.Code.NO_SPACE) {
                throw full;
            }
            empty(directory);
            notices.accept("the new cache " + CacheArtifact.shown(entry.id()) + " begins without what "
                    + source.reference + " has of it: "
                    + e.getMessage());
            return false;
        }
    }

    private static void empty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Posix.deleteTree(RawPath.of(file));
            }
        }
    }

    /** One place, asked once. */
    private final class Source {
        private final ImageReference reference;
        private Optional<CacheArtifact> known = Optional.empty();

        Source(ImageReference reference) {
            this.reference = reference;
        }

        synchronized CacheArtifact artifact() throws IOException, InterruptedException {
            if (known.isEmpty()) {
                known = Optional.of(ask());
            }
            return known.get();
        }

        private CacheArtifact ask() throws IOException, InterruptedException {
            Repository repository = registries.repository(reference);
            try {
                return CacheArtifact.of(repository.manifest(reference.manifestKey()).parse());
            } catch (RegistryException | ContentException e) {
                notices.accept("no cache mounts from " + reference + ": " + e.getMessage());
            } catch (OciException e) {
                notices.accept("no cache mounts from " + reference + ": " + e.getMessage());
            }
            return CacheArtifact.EMPTY;
        }
    }
}
