package dev.kiln.executor.exporter;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.kiln.executor.exporter.ExportException.Code;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.InMemoryBlob;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.Repository;

/**
 * Brings blobs to repositories in the cheapest way: not at all when they are there, by asking the registry to take them
 * from another repository, and else by sending them. Safe for many threads.
 */
public final class BlobUploads {
    private final RegistryClient registries;
    private final BlobReader blobs;
    private final BlobOrigins origins;

    /**
     * @param blobs the local store, together with what it can bring in
     * @param origins repositories that have a blob
     */
    public BlobUploads(RegistryClient registries, BlobReader blobs, BlobOrigins origins) {
        this.registries = registries;
        this.blobs = blobs;
        this.origins = origins;
    }

    /** @param alreadyDone repositories that have the blob for sure */
    public void bring(Descriptor layer, Repository to, List<ImageReference> alreadyDone)
            throws ExportException, InterruptedException {
        try {
            if (to.size(layer.digest()).isPresent()) {
                return;
            }
        } catch (IOException e) {
            throw failure("pushing the layer " + layer.digest() + " to " + to, e);
        }
        List<ImageReference> sources = new ArrayList<>(alreadyDone);
        sources.addAll(origins.of(layer.digest()));
        for (ImageReference source : sources) {
            if (mount(layer.digest(), to, registries.repository(source))) {
                return;
            }
        }
        requireReadable(layer);
        push(layer, blobs, to);
    }

    /** Sends bytes that stand nowhere but in memory. */
    public void bring(Descriptor blob, byte[] bytes, Repository to) throws ExportException, InterruptedException {
        push(blob, new InMemoryBlob(blob.digest(), bytes), to);
    }

    /** False also when the registry fails: then the push tells why. */
    private static boolean mount(Digest blob, Repository to, Repository from) throws InterruptedException {
        try {
            return from.registry().equals(to.registry()) && !from.name().equals(to.name())
                    && to.mount(blob, from.name());
        } catch (IOException e) {
            return false;
        }
    }

    /** Opens the blob once before anything is sent, which also fetches a layer that so far is only in a registry. */
    private void requireReadable(Descriptor layer) throws ExportException {
        try {
            blobs.open(layer.digest()).close();
        } catch (RegistryException e) {
            throw new ExportException(Code.LAYER, String.valueOf(e.getMessage()), e.retryable(), e);
        } catch (IOException e) {
            throw new ExportException(Code.LAYER, "reading the layer " + layer.digest() + " failed: " + e.getMessage(),
                    true, e);
        }
    }

    private static void push(Descriptor blob, BlobReader from, Repository to)
            throws ExportException, InterruptedException {
        try {
            to.push(blob, from);
        } catch (IOException e) {
            throw failure("pushing the blob " + blob.digest() + " to " + to, e);
        }
    }

    /** A registry did not do what was asked of it. */
    public static ExportException failure(String what, IOException e) {
        boolean retryable = switch (e) {
            case RegistryException registry -> registry.retryable();
            case ContentException content -> content.retryable();
            default -> true;
        };
        return new ExportException(Code.REGISTRY, what + " failed: " + e.getMessage(), retryable, e);
    }
}
