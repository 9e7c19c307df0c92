package dev.kiln.cli.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Repository;

/** Images in a folder in the form of OCI's image-layout. */
final class OciLayout implements BlobReader {
    static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final int MAX_DEPTH = 4;
    private static final int MAX_MANIFESTS = 256;

    private final Path folder;
    private final Set<Digest> pushed = new HashSet<>();

    private OciLayout(Path folder) {
        this.folder = folder;
    }

    static OciLayout open(Path folder) throws IOException {
        if (!Files.isRegularFile(folder.resolve("index.json"))) {
            throw new IOException(folder + " is no OCI image layout: it has no file index.json");
        }
        return new OciLayout(folder);
    }

    /** The image of this digest, or else of this tag, or else the only one. */
    Descriptor find(Optional<String> tag, Optional<Digest> digest) throws IOException {
        List<Descriptor> all = index().manifests();
        List<Descriptor> found = all.stream()
            .filter(image -> digest.isPresent()
                    ? image.digest().equals(digest.get())
                    : tag.orElse("latest").equals(image.annotations().get(REF_NAME)))
            .toList();
        if (found.isEmpty() && digest.isEmpty() && tag.isEmpty() && all.size() == 1) {
            return all.getFirst();
        }
        if (found.isEmpty()) {
            throw new IOException("the layout " + folder + " has no image "
                    + digest.map(Digest::toString).orElse(tag.orElse("latest")));
        }
        return found.getFirst();
    }

    ImageIndex index() throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve("index.json"))) {
            byte[] bytes = in.readNBytes(RawManifest.MAX_BYTES + 1);
            if (RawManifest.of(MediaTypes.OCI_INDEX, bytes).parse() instanceof ImageIndex index) {
                return index;
            }
            throw new IOException("index.json of " + folder + " is no index");
        } catch (OciException e) {
            throw new IOException("index.json of " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Pushes an image and all it consists of; of an index, those of its images that are in the layout. */
    void push(Descriptor image, Repository to) throws IOException, InterruptedException {
        push(image, to, 0);
    }

    private void push(Descriptor image, Repository to, int depth) throws IOException, InterruptedException {
        if (depth > MAX_DEPTH || pushed.size() > MAX_MANIFESTS) {
            throw new IOException("the image " + image.digest() + " of " + folder + " consists of too many");
        }
        if (!pushed.add(image.digest())) {
            return;
        }
        RawManifest manifest = manifest(image);
        ImageDocument document;
        try {
            document = ManifestJson.decode(manifest.mediaType(), manifest.bytes());
        } catch (OciException e) {
            throw new IOException("the manifest " + image.digest() + " of " + folder + ": " + e.getMessage(), e);
        }
        switch (document) {
            case ImageIndex index -> {
                for (Descriptor child : index.manifests()) {
                    if (size(child.digest()).isPresent()) {
                        push(child, to, depth + 1);
                    }
                }
            }
            case Manifest single -> {
                for (Descriptor blob : single.references()) {
                    boolean _ = to.push(blob, this);
                }
            }
        }
        to.putManifest(image.digest().toString(), manifest);
    }

    private RawManifest manifest(Descriptor image) throws IOException {
        try (InputStream in = open(image.digest())) {
            byte[] bytes = in.readNBytes(RawManifest.MAX_BYTES + 1);
            if (bytes.length > RawManifest.MAX_BYTES || !Digest.sha256(bytes).equals(image.digest())) {
                throw new IOException("the file of " + image.digest() + " in " + folder + " is not what its name says");
            }
            return RawManifest.of(image.mediaType(), bytes);
        }
    }

    private Path file(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }

    @Override
    public OptionalLong size(Digest digest) throws IOException {
        Path file = file(digest);
        return Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        Path file = file(digest);
        if (!Files.isRegularFile(file)) {
            throw new ContentException(ContentException.Code.NOT_FOUND, "the layout " + folder + " lacks " + digest);
        }
        InputStream in = Files.newInputStream(file);
        in.skipNBytes(offset);
        return in;
    }
}
