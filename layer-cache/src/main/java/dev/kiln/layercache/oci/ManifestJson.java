package dev.kiln.layercache.oci;

import java.util.List;
import java.util.Optional;

/** JSON of image manifests and indexes, OCI's and Docker's schema 2. */
public final class ManifestJson {

    private ManifestJson() {}

    /** The canonical bytes of a document of our own making. */
    public static byte[] encode(ImageDocument document) {
        return switch (document) {
            case Manifest manifest -> encode(manifest);
            case ImageIndex index -> encode(index);
        };
    }

    /**
     * Reads a document.
     *
     * @param mediaType what its sender called it; a type that says nothing ({@code application/json}, empty…) leaves it to
     *        the document
     * @throws OciException {@code TOO_LARGE}, {@code INVALID} (also when sender and document disagree on what it is) or
     *         {@code UNSUPPORTED} (Docker's schema 1, other media types)
     */
    public static ImageDocument decode(String mediaType, byte[] bytes) {
        JsonFields json = JsonFields.parse("the manifest", bytes, RawManifest.MAX_BYTES);
        String type = mediaType(mediaType, json);
        if (json.number("schemaVersion") != 2) {
            throw json.invalid(json.where() + ".schemaVersion", "is not 2");
        }
        return MediaTypes.isIndex(type) ? index(type, json) : manifest(type, json);
    }

    /**
     * The media type of a document whose sender called it {@code declared}, decided as {@link #decode} decides it.
     *
     * @throws OciException as {@link #decode} does
     */
    public static String mediaType(String declared, byte[] bytes) {
        return mediaType(declared, JsonFields.parse("the manifest", bytes, RawManifest.MAX_BYTES));
    }

    private static String mediaType(String declared, JsonFields json) {
        if (MediaTypes.isSchema1(declared) || json.number("schemaVersion") == 1) {
            throw new OciException(OciException.Code.UNSUPPORTED,
                    "the manifest is in Docker's schema 1, which Kiln does"
                            + " not read; push the image again with a current tool");
        }
        Optional<String> own = json.nonEmpty("mediaType");
        String type = isKnown(declared) ? declared : own.orElseGet(() -> guess(json));
        if (!isKnown(type)) {
            throw new OciException(OciException.Code.UNSUPPORTED,
                    "the media type " + clip(type) + " is not one of an image manifest or index");
        }
        if (own.filter(o -> !o.equals(type)).isPresent()) {
            throw json.invalid(json.where(), "was sent as " + type + " and calls itself " + clip(own.get()));
        }
        if (json.has("manifests") && (json.has("layers") || json.has("config"))) {
            throw json.invalid(json.where(), "is a manifest and an index at once");
        }
        return type;
    }

    private static String guess(JsonFields json) {
        return json.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
    }

    private static boolean isKnown(String type) {
        return MediaTypes.isManifest(type) || MediaTypes.isIndex(type);
    }

    private static String clip(String type) {
        return type.length() <= 100 ? type : type.substring(0, 100) + "…";
    }

    private static Manifest manifest(String type, JsonFields json) {
        Descriptor config = json.object("config")
            .map(ManifestJson::descriptor)
            .orElseThrow(() -> json.invalid(json.where() + ".config", "is missing"));
        return new Manifest(type, config, descriptors(json, "layers"), json.stringMap("annotations"),
                json.nonEmpty("artifactType"), json.object("subject").map(ManifestJson::descriptor));
    }

    private static ImageIndex index(String type, JsonFields json) {
        return new ImageIndex(type, descriptors(json, "manifests"), json.stringMap("annotations"),
                json.nonEmpty("artifactType"), json.object("subject").map(ManifestJson::descriptor));
    }

    private static List<Descriptor> descriptors(JsonFields json, String name) {
        return json.objects(name).stream().map(ManifestJson::descriptor).toList();
    }

    private static Descriptor descriptor(JsonFields json) {
        String mediaType = json.required("mediaType");
        Digest digest = json.value("digest", Digest::parse);
        if (!json.has("size")) {
            throw json.invalid(json.where() + ".size", "is missing");
        }
        return json.check("size", () -> new Descriptor(mediaType, digest, json.number("size"),
                json.stringMap("annotations"), json.object("platform").map(ManifestJson::platform),
                json.nonEmpty("artifactType")));
    }

    private static Platform platform(JsonFields json) {
        return json.check("os", () -> new Platform(json.required("os"), json.required("architecture"),
                json.nonEmpty("variant"), json.nonEmpty("os.version"),
                json.strings("os.features").orElse(List.of())));
    }

    private static byte[] encode(Manifest manifest) {
        return CanonicalJson.object(json -> json.number("schemaVersion", 2)
            .string("mediaType", manifest.mediaType())
            .string("artifactType", manifest.artifactType())
            .object("config", Optional.of(manifest.config()), ManifestJson::write)
            .objects("layers", manifest.layers(), ManifestJson::write)
            .object("subject", manifest.subject(), ManifestJson::write)
            .map("annotations", manifest.annotations()));
    }

    private static byte[] encode(ImageIndex index) {
        return CanonicalJson.object(json -> json.number("schemaVersion", 2)
            .string("mediaType", index.mediaType())
            .string("artifactType", index.artifactType())
            .objects("manifests", index.manifests(), ManifestJson::write)
            .object("subject", index.subject(), ManifestJson::write)
            .map("annotations", index.annotations()));
    }

    private static void write(CanonicalJson json, Descriptor descriptor) {
        json.string("mediaType", descriptor.mediaType())
            .string("digest", descriptor.digest().toString())
            .number("size", descriptor.size())
            .map("annotations", descriptor.annotations())
            .object("platform", descriptor.platform(), ManifestJson::write)
            .string("artifactType", descriptor.artifactType());
    }

    private static void write(CanonicalJson json, Platform platform) {
        json.string("architecture", platform.architecture())
            .string("os", platform.os())
            .string("os.version", platform.osVersion())
            .nonEmpty("os.features", platform.osFeatures())
            .string("variant", platform.variant());
    }
}
