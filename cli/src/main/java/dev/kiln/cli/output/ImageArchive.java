package dev.kiln.cli.output;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.databind.json.JsonMapper;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.InMemoryBlob;
import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Repository;

/**
 * An image as a tar in the form of OCI's image-layout, and, for docker, with the {@code manifest.json} that {@code docker
 * load} reads: one file that either takes. The same image gives the same bytes.
 */
final class ImageArchive {
    private static final int MAX_MANIFESTS = 256;
    private static final Instant NO_TIME = Instant.EPOCH;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Repository kept;
    private final Descriptor image;
    private final List<ImageReference> names;
    private final boolean docker;
    /** By digest, as they stand in the archive. */
    private final Map<Digest, Part> parts = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));

    private record Part(long size, BlobReader from) {}

    ImageArchive(Repository kept, Descriptor image, List<ImageReference> names, boolean docker) {
        this.kept = kept;
        this.image = image;
        this.names = names;
        this.docker = docker;
    }

    void write(OutputStream to) throws IOException, InterruptedException {
        List<Manifest> images = new ArrayList<>();
        collect(image, images);
        ContextWriter tar = new ContextWriter(to);
        tar.directory("blobs", 0755, NO_TIME);
        String folder = "";
        for (Map.Entry<Digest, Part> part : parts.entrySet()) {
            Digest digest = part.getKey();
            if (!folder.equals(digest.algorithm())) {
                folder = digest.algorithm();
                tar.directory("blobs/" + folder, 0755, NO_TIME);
            }
            try (InputStream in = part.getValue().from.open(digest)) {
                tar.file(path(digest), 0444, NO_TIME, part.getValue().size, in);
            }
        }
        file(tar, "index.json", RawManifest.of(ImageIndex.of(LayoutNames.of(image, names))).bytes());
        if (docker) {
            file(tar, "manifest.json", dockersManifest(images.getFirst()));
        }
        file(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        tar.finish();
    }

    private void collect(Descriptor descriptor, List<Manifest> images) throws IOException, InterruptedException {
        if (images.size() > MAX_MANIFESTS) {
            throw new IOException("the image consists of more than " + MAX_MANIFESTS + " manifests");
        }
        RawManifest raw = kept.manifest(descriptor.digest().toString());
        byte[] bytes = raw.bytes();
        parts.put(raw.digest(), new Part(bytes.length, new InMemoryBlob(raw.digest(), bytes)));
        try {
            switch (raw.parse()) {
                case Manifest manifest -> {
                    images.add(manifest);
                    manifest.references().forEach(blob -> parts.put(blob.digest(), new Part(blob.size(), kept)));
                }
                case ImageIndex index -> {
                    for (Descriptor each : index.manifests()) {
                        collect(each, images);
                    }
                }
            }
        } catch (OciException e) {
            throw new IOException("the manifest " + raw.digest() + " that the farm keeps: " + e.getMessage(), e);
        }
    }

    private byte[] dockersManifest(Manifest manifest) {
        Map<String, Object> entry = new TreeMap<>();
        entry.put("Config", path(manifest.config().digest()));
        entry.put("RepoTags", names.stream().map(LayoutNames::familiar).toList());
        entry.put("Layers", manifest.layers().stream().map(layer -> path(layer.digest())).toList());
        return JSON.writeValueAsBytes(List.of(entry));
    }

    private static String path(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private static void file(ContextWriter tar, String name, byte[] bytes) throws IOException {
        tar.file(name, 0444, NO_TIME, bytes.length, new ByteArrayInputStream(bytes));
    }
}
