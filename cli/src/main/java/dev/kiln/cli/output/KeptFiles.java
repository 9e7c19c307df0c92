package dev.kiln.cli.output;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.layer.LayerSource;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.OciException;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.registry.Repository;

/** The files of images as the farm keeps them for a client: one layer for each platform. */
final class KeptFiles {
    private final Repository kept;
    private final ImageDocument top;

    /** One platform's files. @param folder where they go when there are several, as BuildKit calls it */
    record Part(String folder, LayerSource layer) {
        InputStream open() throws IOException {
            return layer.open();
        }
    }

    KeptFiles(Repository kept, Descriptor image) throws IOException, InterruptedException {
        this.kept = kept;
        this.top = document(kept, image);
    }

    private static ImageDocument document(Repository kept, Descriptor image) throws IOException, InterruptedException {
        try {
            return kept.manifest(image.digest().toString()).parse();
        } catch (OciException e) {
            throw new IOException("the manifest " + image.digest() + " that the farm keeps: " + e.getMessage(), e);
        }
    }

    /** Whether there are several platforms, each with a folder. */
    boolean isSplit() {
        return top instanceof ImageIndex;
    }

    Part only() throws IOException, InterruptedException {
        return parts().getFirst();
    }

    List<Part> parts() throws IOException, InterruptedException {
        return switch (top) {
            case Manifest manifest -> List.of(part("", manifest));
            case ImageIndex index -> {
                List<Part> parts = new ArrayList<>();
                for (Descriptor each : index.manifests()) {
                    String folder = each.platform().map(Platform::toString).orElse("unknown").replace('/', '_');
                    if (!(document(kept, each) instanceof Manifest manifest)) {
                        throw new IOException("an index within an index");
                    }
                    parts.add(part(folder, manifest));
                }
                yield parts;
            }
        };
    }

    private Part part(String folder, Manifest manifest) throws IOException {
        Optional<Descriptor> layer = manifest.layers().stream().findFirst();
        if (layer.isEmpty() || manifest.layers().size() > 1) {
            throw new IOException("the farm keeps " + manifest.layers().size() + " layers where one was asked for");
        }
        return new Part(folder, () -> kept.open(layer.get().digest()));
    }
}
