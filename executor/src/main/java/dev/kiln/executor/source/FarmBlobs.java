package dev.kiln.executor.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.logging.LogFields;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.Repository;

/**
 * Layers of base images that the executors of a farm hand each other: who brought one in leaves it in the farm's registry,
 * and who needs one asks there first. No manifest names them, so they are collected there when nobody asked for long. It
 * is a favour only: whatever fails is logged, and the layer comes from where it is. Safe for many threads.
 */
public final class FarmBlobs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FarmBlobs.class);
    private static final ImageReference PLACE = ImageReference.parse(FarmRepositories.MIRROR);
    private static final int UPLOADS = 2;
    private static final int WAITING = 1000;

    private final Repository place;
    private final ContentStore content;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore uploads = new Semaphore(UPLOADS);
    /** Under way or waiting. */
    private final Set<Digest> offered = ConcurrentHashMap.newKeySet();

    /** @param registries with the farm's own credentials, never those of a build */
    public FarmBlobs(RegistryClient registries, ContentStore content) {
        this.place = registries.repository(PLACE);
        this.content = content;
    }

    /** @return false when the farm does not have it, or cannot give it */
    boolean bring(Descriptor blob) throws IOException, InterruptedException {
        try {
            if (place.size(blob.digest()).isEmpty()) {
                return false;
            }
            place.pull(blob, content);
            return true;
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.info("action=bring-from-farm blob={} outcome=failed reason=\"{}\"", blob.digest(), e.getMessage());
            return false;
        }
    }

    /** Leaves a blob that is here in the farm, some time later. With very many of them waiting it is left out. */
    void offer(Descriptor blob) {
        if (offered.size() < WAITING && offered.add(blob.digest())) {
            threads.execute(LogFields.carry(() -> {
                try {
                    upload(blob);
                } finally {
                    offered.remove(blob.digest());
                }
            }));
        }
    }

    private void upload(Descriptor blob) {
        try {
            uploads.acquire();
            try {
                boolean sent = place.push(blob, content);
                LOG.debug("action=leave-in-farm blob={} sent={}", blob.digest(), sent);
            } finally {
                uploads.release();
            }
        } catch (InterruptedIOException e) {
            Thread.currentThread().interrupt();
        } catch (RegistryException e) {
            LOG.info("action=leave-in-farm blob={} outcome=failed reason=\"{}\"", blob.digest(), e.getMessage());
        } catch (IOException e) {
            LOG.info("action=leave-in-farm blob={} outcome=unreadable", blob.digest(), e);
        } catch (InterruptedException e) {
            // The executor ends, and nobody waits for the blob.
            Thread.currentThread().interrupt();
        }
    }

    /** What is under way is given up. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
