package dev.kiln.executor.exporter;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

import dev.kiln.executor.exporter.ExportException.Code;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.Repository;

/**
 * Pushes images to registries. A blob that a repository has is not sent; one that another repository of the same registry
 * has is taken from there; anything else goes over the wire, several blobs side by side. A registry in trouble is asked
 * again as the client's policy says before a push fails.
 */
public final class RegistryExporter implements Exporter {
    private static final int UPLOADS_AT_ONCE = 4;

    private final RegistryClient registries;
    private final BlobUploads uploads;

    /** @param blobs has every layer of every image; those of base images may be fetched only when they are opened */
    public RegistryExporter(RegistryClient registries, BlobReader blobs, BlobOrigins origins) {
        this.registries = registries;
        this.uploads = new BlobUploads(registries, blobs, origins);
    }

    @Override
    public void upload(AssembledImages images, List<ImageReference> names)
            throws ExportException, InterruptedException {
        List<ImageReference> done = new ArrayList<>();
        for (ImageReference repository : repositories(names, images.descriptor().digest())) {
            upload(images, registries.repository(repository), done);
            done.add(repository);
        }
    }

    /** Each repository once, in the order of the names. */
    private static Set<ImageReference> repositories(List<ImageReference> names, Digest image)
            throws ExportException {
        Set<ImageReference> repositories = new LinkedHashSet<>();
        for (ImageReference name : names) {
            if (name.digest().filter(digest -> !digest.equals(image)).isPresent()) {
                throw new ExportException(Code.NAME, "cannot push to " + name + ": the digest of an image follows from"
                        + " what it is, and that of this one is " + image, false, null);
            }
            repositories.add(new ImageReference(name.registry(), name.repository(), Optional.empty(),
                    Optional.empty()));
        }
        return repositories;
    }

    private void upload(AssembledImages images, Repository to, List<ImageReference> alreadyDone)
            throws ExportException, InterruptedException {
        Map<Digest, Descriptor> layers = new LinkedHashMap<>();
        images.images().forEach(image -> image.layers().forEach(layer -> layers.put(layer.digest(), layer)));
        uploadLayers(layers.values(), to, alreadyDone);
        for (AssembledImage image : images.images()) {
            uploads.bring(image.config(), image.configBytes(), to);
        }
        if (images.index().isPresent()) {
            putManifests(images.images(), to);
        }
    }

    /** What an index names has to be there before it. */
    private static void putManifests(List<AssembledImage> images, Repository to)
            throws ExportException, InterruptedException {
        for (AssembledImage image : images) {
            try {
                to.putManifest(image.manifest().digest().toString(), image.manifest());
            } catch (IOException e) {
                throw BlobUploads.failure("pushing the image for " + image.image().platform() + " to " + to, e);
            }
        }
    }

    private void uploadLayers(Collection<Descriptor> layers, Repository to, List<ImageReference> alreadyDone)
            throws ExportException, InterruptedException {
        Semaphore places = new Semaphore(UPLOADS_AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Descriptor layer : layers) {
                running.add(threads.submit(LogFields.carryCall(() -> {
                    places.acquire();
                    try {
                        uploads.bring(layer, to, alreadyDone);
                    } finally {
                        places.release();
                    }
                    return null;
                })));
            }
            try {
                for (Future<?> upload : running) {
                    await(upload);
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static void await(Future<?> upload) throws ExportException, InterruptedException {
        try {
            upload.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case ExportException failed -> throw failed;
                case InterruptedException interrupted -> throw interrupted;
                case null, default -> throw new IllegalStateException("pushing a layer failed", e.getCause());
            }
        }
    }

    @Override
    public void publish(AssembledImages images, List<ImageReference> names, PushListener listener)
            throws ExportException, InterruptedException {
        Optional<ExportException> first = Optional.empty();
        for (ImageReference name : names) {
            try {
                registries.repository(name).putManifest(name.manifestKey(), images.top());
                listener.pushed(name, images.top().digest());
            } catch (IOException e) {
                ExportException failure = BlobUploads.failure("pushing " + name, e);
                listener.failed(name, String.valueOf(failure.getMessage()));
                first = first.or(() -> Optional.of(failure));
            }
        }
        if (first.isPresent()) {
            throw first.get();
        }
    }
}
