package dev.kiln.api.distribution;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.api.http.Call;
import dev.kiln.api.http.Query;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageDocument;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.RawManifest;

/**
 * The manifests that name another as their subject, as an image index (distribution-spec, "Listing Referrers"). Clients
 * read an index only up to a size, so a long list comes in pages, the next one behind a {@code Link}.
 */
final class ReferrerActions {
    /** Manifests looked at for one page, which bounds the work of one request. */
    static final int PAGE_COUNT = 500;
    /** Well below what clients read of an index. */
    private static final int PAGE_BYTES = RawManifest.MAX_BYTES / 2;

    private final StoredManifests manifests;
    private final TagStore tags;

    ReferrerActions(StoredManifests manifests, TagStore tags) {
        this.manifests = manifests;
        this.tags = tags;
    }

    Reply list(Call call) throws IOException {
        RepositoryName name = Named.repository(call);
        Digest subject = Named.digest(call.pathParam("digest"));
        Query query = call.anyQuery();
        Optional<String> wanted = query.one("artifactType");
        Optional<Digest> last = query.one("last").map(Named::digest);
        List<Digest> rest = tags.referrers(name, subject)
            .stream()
            .filter(d -> last.isEmpty() || d.compareTo(last.get()) > 0)
            .toList();
        Page page = page(name, rest, wanted);
        RawManifest index = RawManifest.of(ImageIndex.of(page.found));
        Reply reply = Reply.of(200).body(index.mediaType(), new Reply.Body.Bytes(index.bytes()));
        if (wanted.isPresent()) {
            reply = reply.header("OCI-Filters-Applied", "artifactType");
        }
        return page.seen == rest.size() ? reply : reply.header("Link", next(call, rest.get(page.seen - 1), wanted));
    }

    /** @param seen how many of the candidates the page is about */
    private record Page(List<Descriptor> found, int seen) {}

    private Page page(RepositoryName name, List<Digest> candidates, Optional<String> wanted) throws IOException {
        List<Descriptor> found = new ArrayList<>();
        int bytes = 0;
        int seen = 0;
        for (Digest candidate : candidates.subList(0, Math.min(PAGE_COUNT, candidates.size()))) {
            Optional<Descriptor> described = describe(name, candidate)
                .filter(d -> wanted.isEmpty() || d.artifactType().equals(wanted));
            if (described.isPresent()) {
                bytes += size(described.get());
                if (bytes > PAGE_BYTES && !found.isEmpty()) {
                    break;
                }
                found.add(described.get());
            }
            seen++;
        }
        return new Page(found, seen);
    }

    private Optional<Descriptor> describe(RepositoryName name, Digest manifest) throws IOException {
        Optional<String> mediaType = tags.mediaType(name, manifest);
        Optional<byte[]> bytes = mediaType.isEmpty() ? Optional.empty() : manifests.read(manifest);
        return bytes.map(b -> describe(manifest, b.length, StoredManifests.parse(mediaType.get(), b)));
    }

    private static Descriptor describe(Digest digest, long size, ImageDocument document) {
        Optional<String> artifactType = switch (document) {
            case Manifest m -> Optional.of(m.artifactType().orElse(m.config().mediaType()));
            case ImageIndex i -> i.artifactType();
        };
        Map<String, String> annotations = switch (document) {
            case Manifest m -> m.annotations();
            case ImageIndex i -> i.annotations();
        };
        Descriptor full = new Descriptor(document.mediaType(), digest, size, annotations, Optional.empty(),
                artifactType);
        // Annotations that would fill a page alone are left to those who read the manifest itself.
        return size(full) <= PAGE_BYTES
                ? full
                : new Descriptor(document.mediaType(), digest, size, Map.of(), Optional.empty(), artifactType);
    }

    private static int size(Descriptor descriptor) {
        return ManifestJson.encode(ImageIndex.of(List.of(descriptor))).length;
    }

    private static String next(Call call, Digest last, Optional<String> artifactType) {
        String filter = artifactType.map(t -> "artifactType=" + URLEncoder.encode(t, StandardCharsets.UTF_8) + "&")
            .orElse("");
        return "<" + call.path() + "?" + filter + "last=" + last + ">; rel=\"next\"";
    }
}
