package dev.kiln.executor.exporter;

import java.util.List;
import java.util.Map;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

/**
 * An image in the bytes in which it is published: equal images have equal digests.
 *
 * @param further fields of the configuration beyond it, as JSON text by name
 * @param layers as they stand in the manifest, base first; one blob may stand there several times
 */
public record AssembledImage(ImageConfig image, Map<String, String> further, Descriptor config, List<Descriptor> layers,
        RawManifest manifest) {

    public AssembledImage {
        further = Map.copyOf(further);
        layers = List.copyOf(layers);
    }

    static AssembledImage of(ImageConfig image, List<Descriptor> layers, Map<String, String> further) {
        Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, ImageConfigJson.encode(image, further));
        return new AssembledImage(image, further, config, layers, RawManifest.of(Manifest.of(config, layers)));
    }

    /** The bytes that {@link #config} describes. */
    public byte[] configBytes() {
        return ImageConfigJson.encode(image, further);
    }
}
