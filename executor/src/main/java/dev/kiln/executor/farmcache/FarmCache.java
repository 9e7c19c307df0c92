package dev.kiln.executor.farmcache;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.exporter.BlobOrigins;
import dev.kiln.executor.exporter.BlobUploads;
import dev.kiln.executor.solver.FarmResults;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.index.CacheEntry;
import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.Repository;

/** Results of steps in the farm's registry. One for each executor; safe for many threads. */
public final class FarmCache implements FarmResults, AutoCloseable {
    private static final ImageReference PLACE = ImageReference.parse(FarmRepositories.STEPS);
    /** Uploads are for others only, so nobody waits long for them. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final FarmQuestions questions;
    private final FarmUploads uploads;
    private final Promises promises;

    /** Hears which blobs the farm's registry has, so that they can be pulled or mounted when somebody needs them. */
    @FunctionalInterface
    public interface Promises {
        void learn(List<Descriptor> blobs);
    }

    /**
     * @param registries with the farm's own credentials, never those of a build
     * @param blobs those that are on this executor's disk: nothing is fetched to be left elsewhere
     * @param origins repositories that have a blob
     */
    public FarmCache(RegistryClient registries, BlobReader blobs, BlobOrigins origins, Promises promises,
            InstantSource clock) {
        this(registries, blobs, origins, promises, clock, FarmQuestions.Pace.STANDARD, CLOSE_PATIENCE);
    }

    FarmCache(RegistryClient registries, BlobReader blobs, BlobOrigins origins, Promises promises, InstantSource clock,
            FarmQuestions.Pace pace, Duration closePatience) {
        Repository place = registries.repository(PLACE);
        this.questions = new FarmQuestions(place, pace, clock);
        this.uploads = new FarmUploads(new BlobUploads(registries, blobs, origins), place, closePatience, clock);
        this.promises = promises;
    }

    @Override
    public Optional<CacheEntry> find(CacheKey key) throws InterruptedException {
        Optional<CacheEntry> found = questions.find(key);
        found.ifPresent(entry -> {
            uploads.known(key);
            promises.learn(StepArtifact.of(List.of(entry)).blobs());
        });
        return found;
    }

    @Override
    public void made(List<CacheEntry> entries) {
        uploads.made(entries);
    }

    @Override
    public void used(CacheEntry entry) {
        uploads.used(entry);
    }

    /** Gives uploads a bounded time. */
    @Override
    public void close() {
        questions.close();
        uploads.close();
    }
}
