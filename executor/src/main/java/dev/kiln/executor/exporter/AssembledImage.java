package dev.kiln.executor.exporter;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.queue.job.Annotation;
import dev.kiln.queue.job.ImageForm;

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

    /** @param form of which only media types and annotations count: the layers have their form */
    static AssembledImage of(BuiltImage built, ImageForm form) {
        List<Descriptor> layers = built.layers()
            .stream()
            .map(CachedLayer::blob)
            .map(blob -> form.ociMediaTypes() ? LayerTypes.toOci(blob) : LayerTypes.toDocker(blob))
            .toList();
        Descriptor config = Descriptor.of(form.ociMediaTypes() ? MediaTypes.OCI_CONFIG : MediaTypes.DOCKER_CONFIG,
                ImageConfigJson.encode(built.image(), built.further()));
        Map<String, String> annotations = Annotations.of(form, Annotation.On.MANIFEST,
                Optional.of(built.image().platform()));
        Manifest manifest = new Manifest(form.ociMediaTypes() ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST,
                config, layers, annotations, Optional.empty(), Optional.empty());
        return new AssembledImage(built.image(), built.further(), config, layers, RawManifest.of(manifest));
    }

    /** The bytes that {@link #config} describes. */
    public byte[] configBytes() {
        return ImageConfigJson.encode(image, further);
    }
}
