package dev.kiln.executor.exporter;

import java.util.List;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

/**
 * An image in the bytes in which it is published: equal images have equal digests.
 *
 * @param layers as they stand in the manifest, base first; one blob may stand there several times
 */
public record AssembledImage(ImageConfig image, Descriptor config, List<Descriptor> layers, RawManifest manifest) {

    public AssembledImage {
        layers = List.copyOf(layers);
    }

    static AssembledImage of(ImageConfig image, List<Descriptor> layers) {
        Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, ImageConfigJson.encode(image));
        return new AssembledImage(image, config, layers, RawManifest.of(Manifest.of(config, layers)));
    }

    /** The bytes that {@link #config} describes. */
    public byte[] configBytes() {
        return ImageConfigJson.encode(image);
    }

    /** What names the image everywhere. */
    public Descriptor descriptor() {
        return manifest.descriptor();
    }
}
