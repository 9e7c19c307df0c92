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
import java.util.Optional;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Repository;

/**
 * Writes what a repository has into a folder in the form of OCI's image-layout. Every file is written aside and renamed, the
 * index last; so whoever reads the folder meanwhile finds what was there before, or all of it.
 */
final class LayoutWriter {
    private final Path folder;

    LayoutWriter(Path folder) {
        this.folder = folder;
    }

    /** Brings a manifest and all that it names, under this tag; what has other tags stays. */
    void write(Repository from, String key, String tag) throws IOException, InterruptedException {
        RawManifest manifest = from.manifest(key);
        if (!(manifest.parse() instanceof Manifest document)) {
            throw new IOException(from + ":" + key + " is no single manifest");
        }
        for (Descriptor blob : document.references()) {
            Path file = blob(blob.digest());
            if (!Files.exists(file)) {
                try (InputStream in = from.open(blob.digest())) {
                    put(file, in);
                }
            }
        }
        put(blob(manifest.digest()), manifest.bytes());
        put(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        Descriptor named = new Descriptor(manifest.mediaType(), manifest.digest(), manifest.bytes().length,
                Map.of(OciLayout.REF_NAME, tag), Optional.empty(), Optional.empty());
        put(folder.resolve("index.json"), RawManifest.of(ImageIndex.of(others(tag, named))).bytes());
    }

    private List<Descriptor> others(String tag, Descriptor named) throws IOException {
        List<Descriptor> all = new ArrayList<>();
        if (Files.isRegularFile(folder.resolve("index.json"))) {
            OciLayout.open(folder)
                .index()
                .manifests()
                .stream()
                .filter(other -> !tag.equals(other.annotations().get(OciLayout.REF_NAME)))
                .forEach(all::add);
        }
        all.add(named);
        return all;
    }

    private Path blob(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    private static void put(Path file, byte[] bytes) throws IOException {
        put(file, new ByteArrayInputStream(bytes));
    }

    private static void put(Path file, InputStream bytes) throws IOException {
        Path parent = Files.createDirectories(file.resolveSibling(".").normalize());
        Path temp = Files.createTempFile(parent, ".new-", "");
        try {
            Files.copy(bytes, temp, StandardCopyOption.REPLACE_EXISTING);
            Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temp);
        }
    }
}
