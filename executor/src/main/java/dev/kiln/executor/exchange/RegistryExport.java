package dev.kiln.executor.exchange;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.buildkit.CacheDocument;
import dev.kiln.executor.buildkit.CacheDocumentJson;
import dev.kiln.executor.exporter.BlobUploads;
import dev.kiln.executor.exporter.ExportException;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.queue.job.CacheExport;

/** One place that a build leaves its cache at. Its layers go out while the build runs, its name when it may be published. */
final class RegistryExport implements AutoCloseable {
    private final CacheExport.Registry target;
    private final BlobUploads uploads;
    private final LayerPusher pusher;
    private Optional<RawManifest> ready = Optional.empty();

    RegistryExport(CacheExport.Registry target, BlobUploads uploads, LayerPusher pusher) {
        this.target = target;
        this.uploads = uploads;
        this.pusher = pusher;
    }

    CacheExport.Registry target() {
        return target;
    }

    LayerPusher pusher() {
        return pusher;
    }

    String name() {
        return "exporting cache to " + target.reference();
    }

    /** Brings all blobs of the cache there. */
    void upload(CacheWriter.Written written) throws ExportException, InterruptedException {
        byte[] bytes = CacheDocumentJson.write(written.document());
        Descriptor document = Descriptor.of(CacheDocument.MEDIA_TYPE, bytes);
        pusher.finish(written.blobs());
        uploads.bring(document, bytes, pusher.repository());
        ready = Optional.of(RawManifest.of(switch (target.form()) {
            case IMAGE -> Manifest.of(document, written.blobs());
            case INDEX -> index(MediaTypes.OCI_INDEX, written.blobs(), document);
            case LIST -> index(MediaTypes.DOCKER_LIST, written.blobs(), document);
        }));
    }

    private static ImageIndex index(String type, List<Descriptor> blobs, Descriptor document) {
        List<Descriptor> all = new ArrayList<>(blobs);
        all.add(document);
        return new ImageIndex(type, all, Map.of(), Optional.empty(), Optional.empty());
    }

    /** True when {@link #upload} went well. */
    boolean isReady() {
        return ready.isPresent();
    }

    /** Puts the cache under its name. */
    void publish() throws ExportException, InterruptedException {
        if (ready.isPresent()) {
            try {
                pusher.repository().putManifest(target.reference().tag().orElse("latest"), ready.get());
            } catch (IOException e) {
                throw BlobUploads.failure("pushing the cache " + target.reference(), e);
            }
        }
    }

    @Override
    public void close() {
        pusher.close();
    }
}
