package dev.kiln.api.distribution;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.api.access.Caller;
import dev.kiln.api.distribution.TagStore.ListedManifest;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.ContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.RawManifest;

/** Manifests and indexes, by tag or digest. */
final class ManifestActions {
    /** Tags that one push may set. */
    private static final int MAX_TAGS = 100;

    private final ContentStore content;
    private final StoredManifests manifests;
    private final BlobActions blobs;
    private final TagStore tags;
    private final Quotas quotas;

    ManifestActions(Registry registry, BlobActions blobs, Quotas quotas) {
        this.content = registry.content();
        this.manifests = registry.manifests();
        this.blobs = blobs;
        this.tags = registry.tags();
        this.quotas = quotas;
    }

    Reply head(Call call) throws IOException {
        Found found = find(call);
        long size = content.size(found.digest).orElseThrow(() -> unknown(call));
        return described(found).headOnly(found.mediaType, size);
    }

    Reply get(Call call) throws IOException {
        Found found = find(call);
        byte[] bytes = manifests.read(found.digest).orElseThrow(() -> unknown(call));
        return described(found).body(found.mediaType, new Reply.Body.Bytes(bytes));
    }

    Reply put(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        String reference = call.pathParam("reference");
        Optional<Digest> byDigest = reference.indexOf(':') >= 0
                ? Optional.of(Named.digest(reference))
                : Optional.empty();
        List<String> newTags = byDigest.isPresent() ? call.anyQuery().all("tag") : List.of(reference);
        requireTags(name, newTags);
        byte[] bytes = body(call);
        Digest digest = digest(bytes, byDigest);
        ImageDocument document = StoredManifests.parse(call.contentType(), bytes);
        Optional<Digest> subject = document.subject().map(Descriptor::digest);
        ManifestParts parts = ManifestParts.of(document, bytes.length);
        quotas.admit(name, digest, parts);
        tags.alone(name, () -> {
            check(Named.caller(call), name, document);
            content.ingest(digest, bytes.length, new ByteArrayInputStream(bytes));
            tags.put(name, new ListedManifest(digest, document.mediaType(), subject), newTags);
        });
        quotas.listed(name, digest, parts);
        Reply reply = Reply.of(201)
            .header("Location", "/v2/" + name + "/manifests/" + digest)
            .header("Docker-Content-Digest", digest.toString());
        if (byDigest.isPresent() && !newTags.isEmpty()) {
            reply = reply.header("OCI-Tag", String.join(", ", newTags));
        }
        return subject.isPresent() ? reply.header("OCI-Subject", subject.get().toString()) : reply;
    }

    private static void requireTags(RepositoryName name, List<String> newTags) {
        if (newTags.size() > MAX_TAGS) {
            throw new DistributionException(DistributionError.TAG_INVALID, 414,
                    "one push sets at most " + MAX_TAGS + " tags");
        }
        if (!newTags.stream().allMatch(name::admitsTag)) {
            throw new DistributionException(DistributionError.TAG_INVALID, "this is no tag: letters, digits, and"
                    + " . _ - after the first, 128 at most");
        }
    }

    Reply delete(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        String reference = call.pathParam("reference");
        boolean found = reference.indexOf(':') >= 0
                ? deleteManifest(name, Named.digest(reference))
                : name.admitsTag(reference) && tags.deleteTag(name, reference);
        if (!found) {
            throw unknown(call);
        }
        return Reply.of(202);
    }

    private boolean deleteManifest(RepositoryName name, Digest digest) throws IOException {
        Optional<String> mediaType = tags.mediaType(name, digest);
        if (mediaType.isEmpty()) {
            return false;
        }
        Optional<Digest> subject = manifests.document(name, digest)
            .flatMap(ImageDocument::subject)
            .map(Descriptor::digest);
        return tags.deleteManifest(name, new ListedManifest(digest, mediaType.get(), subject));
    }

    /** A manifest that a reference of this repository leads to. */
    private record Found(Digest digest, String mediaType) {}

    private Found find(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        String reference = call.pathParam("reference");
        Optional<Digest> digest = Optional.empty();
        if (reference.indexOf(':') >= 0) {
            digest = Optional.of(Named.digest(reference));
            tags.uses().note(name, digest.get());
        } else if (name.admitsTag(reference)) {
            digest = tags.tagged(name, reference);
            if (digest.isPresent() && StepStock.isSteps(name)) {
                // Nobody asks for these by digest, and what is not of use any more shall go.
                tags.uses().note(name, digest.get());
            }
        }
        Optional<String> mediaType = digest.isPresent() ? tags.mediaType(name, digest.get()) : Optional.empty();
        return new Found(digest.orElseThrow(() -> unknown(call)), mediaType.orElseThrow(() -> unknown(call)));
    }

    private static byte[] body(Call call) throws IOException {
        byte[] bytes = call.body().readNBytes(RawManifest.MAX_BYTES + 1);
        if (bytes.length > RawManifest.MAX_BYTES) {
            throw new DistributionException(DistributionError.SIZE_INVALID,
                    "a manifest has at most " + RawManifest.MAX_BYTES + " bytes");
        }
        return bytes;
    }

    private static Digest digest(byte[] bytes, Optional<Digest> expected) {
        if (expected.isEmpty()) {
            return Digest.sha256(bytes);
        }
        Digest actual = expected.get().ofSame(bytes);
        if (!actual.equals(expected.get())) {
            throw new DistributionException(DistributionError.DIGEST_INVALID,
                    "the manifest's digest is " + actual + ", not " + expected.get());
        }
        return actual;
    }

    /** What a manifest refers to must be here first. */
    private void check(Caller caller, RepositoryName name, ImageDocument document) throws IOException {
        for (Descriptor part : document.references()) {
            OptionalLong size = document instanceof ImageIndex && tags.mediaType(name, part.digest()).isEmpty()
                    ? OptionalLong.empty()
                    : blobs.size(caller, name, part.digest());
            if (size.isEmpty() && !isForeign(part)) {
                throw new DistributionException(DistributionError.MANIFEST_BLOB_UNKNOWN,
                        "the manifest refers to " + part.digest() + ", which the repository " + name
                                + " does not have");
            }
            if (size.isPresent() && size.getAsLong() != part.size()) {
                throw new DistributionException(DistributionError.MANIFEST_INVALID, "the manifest says that "
                        + part.digest() + " has " + part.size() + " bytes, it has " + size.getAsLong());
            }
        }
    }

    /** Layers that may not be handed on lie elsewhere (OCI image-spec, layer.md, "Non-Distributable Layers"). */
    private static boolean isForeign(Descriptor part) {
        return part.mediaType().contains(".nondistributable.") || part.mediaType().contains(".foreign.");
    }

    private static Reply described(Found found) {
        return Reply.of(200)
            .header("Docker-Content-Digest", found.digest.toString())
            .header("ETag", "\"" + found.digest + "\"");
    }

    private static DistributionException unknown(Call call) {
        return new DistributionException(DistributionError.MANIFEST_UNKNOWN, "the repository "
                + Named.repository(call) + " has no manifest " + call.pathParam("reference") + ": not found");
    }
}
