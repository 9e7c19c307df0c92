package dev.kiln.layercache.registry;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Transport.Call;

/** Manifests at one endpoint, each request once. */
final class Manifests {
    private static final String ACCEPT = String.join(", ", MediaTypes.OCI_INDEX, MediaTypes.OCI_MANIFEST,
            MediaTypes.DOCKER_LIST, MediaTypes.DOCKER_MANIFEST);
    private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

    private Manifests() {}

    static RawManifest get(Endpoint from, String key) throws IOException, InterruptedException {
        Call call = from.pull("GET", "pulling the manifest " + key, "manifests/" + key).with("Accept", ACCEPT);
        try (Answer answer = from.transport().send(call)) {
            if (answer.status() != 200) {
                throw from.failures().of(call, answer);
            }
            return read(call, from, key, answer);
        }
    }

    private static RawManifest read(Call call, Endpoint from, String key, Answer answer) throws IOException {
        refuseSchema1(call, from, key, contentType(answer));
        byte[] bytes = answer.body(call.what(), RawManifest.MAX_BYTES);
        try {
            String type = ManifestJson.mediaType(contentType(answer), bytes);
            refuseSchema1(call, from, key, type);
            Optional<Digest> named = key.indexOf(':') >= 0
                    ? Optional.of(Digest.parse(key))
                    : answer.header("Docker-Content-Digest").map(Digest::parse);
            RawManifest manifest = named.isEmpty()
                    ? RawManifest.of(type, bytes)
                    : new RawManifest(type, bytes, named.get().ofSame(bytes));
            if (named.isPresent() && !named.get().equals(manifest.digest())) {
                throw new ContentException(ContentException.Code.DIGEST_MISMATCH, call.what()
                        + ": the bytes that came have the digest " + manifest.digest() + " and not " + named.get());
            }
            return manifest;
        } catch (IllegalArgumentException e) {
            throw RegistryException.protocol(call.what() + ": " + e.getMessage());
        }
    }

    /** Such an image has no digests of its layers' content and no configuration that could be built on. */
    private static void refuseSchema1(Call call, Endpoint from, String key, String type) throws RegistryException {
        if (type.startsWith(SCHEMA_1)) {
            String image = from + (key.indexOf(':') >= 0 ? "@" : ":") + key;
            throw RegistryException.protocol(call.what() + ": " + image
                    + " is in Docker's first image format (schema 1), which is not supported: convert it, for example"
                    + " with `skopeo copy --format v2s2 docker://" + image
                    + " docker://NEW-NAME`, and use the new name");
        }
    }

    private static String contentType(Answer answer) {
        return MediaTypes.ofContentType(answer.header("Content-Type").orElse(""));
    }

    /** What the key names; its inner part is empty where the registry says too little without sending it. */
    static Optional<Optional<Descriptor>> head(Endpoint from, String key) throws IOException, InterruptedException {
        Call call = from.pull("HEAD", "looking up " + key, "manifests/" + key).with("Accept", ACCEPT);
        try (Answer answer = from.transport().send(call)) {
            return switch (answer.status()) {
                case 404 -> Optional.empty();
                case 200 -> Optional.of(descriptor(answer));
                default -> throw from.failures().of(call, answer);
            };
        }
    }

    private static Optional<Descriptor> descriptor(Answer answer) {
        try {
            Optional<Digest> digest = answer.header("Docker-Content-Digest").map(Digest::parse);
            OptionalLong size = answer.length();
            String type = contentType(answer);
            return digest.isEmpty() || size.isEmpty() || !(MediaTypes.isManifest(type) || MediaTypes.isIndex(type))
                    ? Optional.empty()
                    : Optional.of(Descriptor.of(type, digest.get(), size.getAsLong()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    static void put(Endpoint to, String key, RawManifest manifest) throws IOException, InterruptedException {
        byte[] bytes = manifest.bytes();
        Call call = to.push("PUT", "pushing the manifest " + key, "manifests/" + key)
            .with("Content-Type", manifest.mediaType())
            .with(() -> BodyPublishers.ofByteArray(bytes), bytes.length);
        try (Answer answer = to.transport().send(call)) {
            if (answer.status() != 201 && answer.status() != 200) {
                throw to.failures().of(call, answer);
            }
        }
    }
}
