package dev.kiln.queue.event;

import java.util.TreeMap;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** Descriptors inside events, with the field names of the OCI image-spec (descriptor.md). */
final class DescriptorJson {
    private static final int MAX_FEATURES = 16;

    private DescriptorJson() {}

    static ObjectNode tree(Descriptor descriptor) {
        ObjectNode json = JsonText.object();
        json.put("mediaType", descriptor.mediaType());
        json.put("digest", descriptor.digest().toString());
        json.put("size", descriptor.size());
        if (!descriptor.annotations().isEmpty()) {
            ObjectNode annotations = json.putObject("annotations");
            new TreeMap<>(descriptor.annotations()).forEach(annotations::put);
        }
        descriptor.platform().ifPresent(platform -> {
            ObjectNode object = json.putObject("platform");
            object.put("architecture", platform.architecture());
            object.put("os", platform.os());
            platform.variant().ifPresent(variant -> object.put("variant", variant));
            platform.osVersion().ifPresent(version -> object.put("os.version", version));
            platform.osFeatures().forEach(feature -> object.withArray("os.features").add(feature));
        });
        descriptor.artifactType().ifPresent(type -> json.put("artifactType", type));
        return json;
    }

    static Descriptor read(JsonFields json) {
        return json.build(() -> new Descriptor(json.string("mediaType"), json.parsed("digest", Digest::parse),
                json.number("size"), json.map("annotations", Integer.MAX_VALUE),
                json.optionalObject("platform").map(DescriptorJson::readPlatform),
                json.optionalString("artifactType")));
    }

    private static Platform readPlatform(JsonFields json) {
        return json.build(
                () -> new Platform(json.string("os"), json.string("architecture"), json.optionalString("variant"),
                        json.optionalString("os.version"), json.list("os.features", MAX_FEATURES, text -> text)));
    }
}
