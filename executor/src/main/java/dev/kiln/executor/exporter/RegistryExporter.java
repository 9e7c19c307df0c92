package dev.kiln.executor.exporter;

import java.io.IOException;
import java.util.ArrayList;
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
    public void upload(AssembledImage image, List<ImageReference> names)
            throws ExportException, InterruptedException {
        List<ImageReference> done = new ArrayList<>();
        for (ImageReference repository : repositories(names)) {
            upload(image, registries.repository(repository), done);
            done.add(repository);
        }
    }

    /** Each repository once, in the order of the names. */
    private static Set<ImageReference> repositories(List<ImageReference> names) throws ExportException {
        Set<ImageReference> repositories = new LinkedHashSet<>();
        for (ImageReference name : names) {
            if (name.digest().isPresent()) {
                throw new ExportException(Code.NAME, "cannot push to " + name
                        + ": an image is put under a tag, and its digest follows from what it is", false, null);
            }
            repositories.add(new ImageReference(name.registry(), name.repository(), Optional.empty(),
                    Optional.empty()));
        }
        return repositories;
    }

    private void upload(AssembledImage image, Repository to, List<ImageReference> alreadyDone)
            throws ExportException, InterruptedException {
        Map<Digest, Descriptor> layers = new LinkedHashMap<>();
        image.layers().forEach(layer -> layers.put(layer.digest(), layer));
        Semaphore places = new Semaphore(UPLOADS_AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Descriptor layer : layers.values()) {
                running.add(threads.submit(() -> {
                    places.acquire();
                    try {
                        uploads.bring(layer, to, alreadyDone);
                    } finally {
                        places.release();
                    }
                    return null;
                }));
            }
            try {
                for (Future<?> upload : running) {
                    await(upload);
                }
            } finally {
                threads.shutdownNow();
            }
        }
        uploads.bring(image.config(), image.configBytes(), to);
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
    public void publish(AssembledImage image, List<ImageReference> names, PushListener listener)
            throws ExportException, InterruptedException {
        Optional<ExportException> first = Optional.empty();
        for (ImageReference name : names) {
            try {
                registries.repository(name).putManifest(name.tag().orElse("latest"), image.manifest());
                listener.pushed(name, image.manifest().digest());
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
