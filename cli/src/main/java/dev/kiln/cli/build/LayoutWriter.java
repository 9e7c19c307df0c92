package dev.kiln.cli.build;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Repository;

/**
 * Writes what a repository has into a folder in the form of OCI's image-layout. Every file is written aside and renamed, the
 * index last; so whoever reads the folder meanwhile finds what was there before, or all of it.
 */
public final class LayoutWriter {
    private static final String IMAGE_NAME = "io.containerd.image.name";
    private static final int MAX_MANIFESTS = 256;

    private final Path folder;
    private int manifests;

    public LayoutWriter(Path folder) {
        this.folder = folder;
    }

    /** Brings a manifest and all that it names, under this tag; what has other tags stays. */
    void write(Repository from, String key, String tag) throws IOException, InterruptedException {
        RawManifest manifest = from.manifest(key);
        if (!(parsed(manifest) instanceof Manifest)) {
            throw new IOException(from + ":" + key + " is no single manifest");
        }
        write(from, manifest.descriptor(), List.of(new Descriptor(manifest.mediaType(), manifest.digest(),
                manifest.bytes().length, Map.of(OciLayout.REF_NAME, tag), Optional.empty(), Optional.empty())));
    }

    /**
     * Brings an image, or an index and its images.
     *
     * @param entries of the layout's index for it; those that have the name of one of them are replaced
     */
    public void write(Repository from, Descriptor image, List<Descriptor> entries)
            throws IOException, InterruptedException {
        bring(from, image);
        put(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        List<Descriptor> all = others(entries);
        all.addAll(entries);
        put(folder.resolve("index.json"), RawManifest.of(ImageIndex.of(all)).bytes());
    }

    private void bring(Repository from, Descriptor image) throws IOException, InterruptedException {
        if (++manifests > MAX_MANIFESTS) {
            throw new IOException(from + " has an image that consists of more than " + MAX_MANIFESTS + " manifests");
        }
        RawManifest manifest = from.manifest(image.digest().toString());
        switch (parsed(manifest)) {
            case Manifest single -> {
                for (Descriptor blob : single.references()) {
                    bringBlob(from, blob);
                }
            }
            case ImageIndex index -> {
                for (Descriptor each : index.manifests()) {
                    bring(from, each);
                }
            }
        }
        put(blob(manifest.digest()), manifest.bytes());
    }

    private static ImageDocument parsed(RawManifest manifest) throws IOException {
        try {
            return manifest.parse();
        } catch (OciException e) {
            throw new IOException("the manifest " + manifest.digest() + ": " + e.getMessage(), e);
        }
    }

    private void bringBlob(Repository from, Descriptor blob) throws IOException {
        Path file = blob(blob.digest());
        if (!Files.exists(file)) {
            try (InputStream in = from.open(blob.digest())) {
                put(file, in);
            }
        }
    }

    private List<Descriptor> others(List<Descriptor> entries) throws IOException {
        List<Descriptor> all = new ArrayList<>();
        if (Files.isRegularFile(folder.resolve("index.json"))) {
            OciLayout.open(folder)
                .index()
                .manifests()
                .stream()
                .filter(other -> entries.stream().noneMatch(entry -> isSameName(entry, other)))
                .forEach(all::add);
        }
        return all;
    }

    /** The whole name when there is one, or else the tag. */
    private static boolean isSameName(Descriptor one, Descriptor other) {
        return Objects.equals(name(one, IMAGE_NAME), name(other, IMAGE_NAME))
                && Objects.equals(name(one, OciLayout.REF_NAME), name(other, OciLayout.REF_NAME));
    }

    private static @Nullable String name(Descriptor descriptor, String annotation) {
        return descriptor.annotations().get(annotation);
    }

    private Path blob(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    private static void put(Path file, byte[] bytes) throws IOException {
        put(file, new ByteArrayInputStream(bytes));
    }

    private static void put(Path file, InputStream bytes) throws IOException {
        Path parent = Files.createDirectories(file.resolveSibling(".").normalize());
        Path temp = Files.createTempFile(parent, ".new-", "", OwnFiles.readableByAll());
        try {
            Files.copy(bytes, temp, StandardCopyOption.REPLACE_EXISTING);
            Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temp);
        }
    }
}
