package dev.kiln.executor.exchange;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.buildkit.CacheGraph;
import dev.kiln.executor.exporter.BlobUploads;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.op.TakenFiles;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;
import dev.kiln.queue.job.CacheOptions;

/** Opens the caches of builds. One for each executor; safe for many threads. */
public final class CacheExchange {
    private static final Logger LOG = LoggerFactory.getLogger(CacheExchange.class);

    private final RegistryClient registries;
    private final CacheReader reader;
    private final BlobUploads uploads;
    private final Origins origins;
    private final TakenFiles files;
    private final Platform platform;

    /** Knows where images are from; is told where blobs are, so that they can be pulled when somebody needs them. */
    public interface Origins {
        void learn(ImageReference repository, List<Descriptor> blobs);

        /** The index that an image's manifest was chosen from. */
        Optional<Digest> indexOf(Digest manifest);
    }

    /** @param platform on which steps run */
    public CacheExchange(RegistryClient registries, BlobUploads uploads, Origins origins, TakenFiles files,
            Platform platform) {
        this.registries = registries;
        this.reader = new CacheReader(registries, platform);
        this.uploads = uploads;
        this.origins = origins;
        this.files = files;
        this.platform = platform;
    }

    /** Reads the caches that the build imports. One that cannot be had is told, and the build goes on without it. */
    public BuildCaches open(CacheOptions options, BuildGraph build, CacheProgress progress)
            throws InterruptedException {
        CacheGraph graph = CacheGraph.of(build, platform, origins::indexOf);
        KnownContents contents = new KnownContents(graph, files);
        ImportedResults imported = new ImportedResults(build, graph, contents, read(options.from(), progress));
        List<RegistryExport> exports = new ArrayList<>();
        for (CacheExport export : options.to()) {
            switch (export) {
                case CacheExport.Registry registry -> exports.add(new RegistryExport(registry, uploads,
                        new LayerPusher(uploads, registries.repository(registry.reference()))));
                case CacheExport.Inline _,CacheExport.Mounts _ -> {
                    // the first stands in the image, and the second holds no results
                }
            }
        }
        return new BuildCaches(build, graph, contents, imported, exports, progress);
    }

    private List<FoundCache> read(List<CacheImport> imports, CacheProgress progress) throws InterruptedException {
        List<FoundCache> found = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<FoundCache>>> reading = new ArrayList<>();
            for (CacheImport one : imports) {
                if (one instanceof CacheImport.Registry(ImageReference reference)) {
                    reading.add(threads.submit(LogFields.carryCall(() -> read(reference, progress))));
                }
            }
            try {
                for (Future<Optional<FoundCache>> one : reading) {
                    one.get().ifPresent(found::add);
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("reading a cache failed", e.getCause());
            } finally {
                threads.shutdownNow();
            }
        }
        return found;
    }

    private Optional<FoundCache> read(ImageReference reference, CacheProgress progress) throws InterruptedException {
        String name = "importing cache manifest from " + reference;
        progress.begun(name);
        try {
            Optional<FoundCache> cache = reader.read(reference);
            cache.ifPresent(one -> origins.learn(reference, List.copyOf(one.blobs().values())));
            progress.line(name, cache.map(one -> one.document().entries().size() + " keys, " + one.blobs().size()
                    + " layers")
                .orElse("the image holds no cache"));
            progress.ended(name, Optional.empty());
            return cache;
        } catch (IOException | IllegalArgumentException e) {
            LOG.info("action=import-cache reference={} outcome=failed", reference, e);
            progress.ended(name, Optional.of(String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }
}
