package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.VerifyingInputStream;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Transport.Call;

/**
 * A repository of a registry (OCI distribution-spec 1.1). Reading and writing are tried again as the client's
 * {@link RetryPolicy} says, and a blob that breaks on its way goes on where it was; what comes is checked against size and
 * digest. What is pulled comes from the registry's mirrors where they have it. Safe for many threads.
 */
public final class Repository implements BlobReader {
    private final Places places;
    private final Endpoint origin;
    private final RetryPolicy retries;
    private final long chunk;
    private final ResolvedTags resolved;

    /** @param chunk how many bytes of a blob go in one request when it could not be sent in one piece */
    Repository(Places places, long chunk, ResolvedTags resolved) {
        this.places = places;
        this.origin = places.origin();
        this.retries = places.retries();
        this.chunk = chunk;
        this.resolved = resolved;
    }

    /** The repository's name within its registry. */
    public String name() {
        return origin.name();
    }

    /** Host and port of the registry. */
    public String registry() {
        return origin.registry();
    }

    /**
     * Fetches a manifest or index.
     *
     * @param key a tag or a digest
     */
    public RawManifest manifest(String key) throws IOException, InterruptedException {
        return places.first((place, tries) -> Manifests.get(place, key));
    }

    /** What a tag or digest names, without fetching it where the registry says enough; empty when it names nothing. */
    public Optional<Descriptor> head(String key) throws IOException, InterruptedException {
        Optional<Optional<Descriptor>> found = places.first((place, tries) -> Manifests.head(place, key),
                Optional::isPresent);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        return found.get().isPresent() ? found.get() : Optional.of(manifest(key).descriptor());
    }

    /**
     * As {@link #head}, but a tag that was looked up within the registry's {@link HostSettings#resolveTtl} is taken to name
     * what it named then.
     */
    public Optional<Descriptor> resolve(String key) throws IOException, InterruptedException {
        Optional<Descriptor> known = resolved.find(registry(), name(), key);
        if (known.isPresent()) {
            return known;
        }
        Optional<Descriptor> found = head(key);
        found.ifPresent(image -> resolved.keep(registry(), name(), key, image));
        return found;
    }

    /** Brings a blob here, checked while it comes. */
    public void pull(Descriptor blob, BlobIngester into) throws IOException, InterruptedException {
        places.first((place, tries) -> {
            try (InputStream in = download(place, blob.digest(), 0, OptionalLong.of(blob.size()), tries)) {
                into.ingest(blob.digest(), blob.size(), in);
            }
            return true;
        });
    }

    /** Asks the registry itself and not its mirrors: who pushes needs to know what it has. */
    @Override
    public OptionalLong size(Digest digest) throws IOException {
        return Places.uninterrupted(() -> retries.run(() -> size(origin, digest)));
    }

    static OptionalLong size(Endpoint at, Digest digest) throws IOException, InterruptedException {
        Call call = at.pull("HEAD", "looking up the blob " + digest, "blobs/" + digest);
        try (Answer answer = at.transport().send(call)) {
            return switch (answer.status()) {
                case 404 -> OptionalLong.empty();
                case 200 -> OptionalLong.of(answer.length().orElse(0));
                default -> throw at.failures().of(call, answer);
            };
        }
    }

    /** A reader from the start learns of a wrong digest before the last bytes; one from further on checks itself. */
    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        return Places
            .uninterrupted(() -> places.first((place, tries) -> download(place, digest, offset, OptionalLong.empty(),
                    tries)));
    }

    private static InputStream download(Endpoint place, Digest digest, long offset, OptionalLong size, Tries tries)
            throws IOException, InterruptedException {
        BlobDownload download = BlobDownload.open(place, digest, offset, size, tries);
        return offset > 0
                ? download
                : new VerifyingInputStream("pulling the blob " + digest + " of " + place + ": what the registry "
                        + place.registry() + " sent", download, digest, size.isPresent() ? size : download.size());
    }

    /**
     * Makes a blob of another repository of this registry one of this repository's, without moving its bytes.
     *
     * @return false when the registry would not; then it has to be pushed
     */
    public boolean mount(Digest digest, String from) throws IOException, InterruptedException {
        String query = "?mount=" + URLEncoder.encode(digest.toString(), StandardCharsets.UTF_8) + "&from="
                + URLEncoder.encode(from, StandardCharsets.UTF_8);
        Call call = origin.call("POST", "mounting the blob " + digest, "blobs/uploads/" + query,
                origin.scope("pull,push") + " repository:" + from + ":pull");
        try (Answer answer = origin.transport().send(call)) {
            if (answer.status() == 202) {
                abandon(call, answer);
            }
            return answer.status() == 201;
        }
    }

    /** Ends an upload that the registry began instead of a mount. */
    private void abandon(Call begun, Answer answer) throws IOException, InterruptedException {
        Call end = origin.at(origin.location(begun, answer), "DELETE", "ending an upload to " + this);
        origin.transport().send(end).close();
    }

    /**
     * Pushes a blob unless the repository has it.
     *
     * @return true when bytes were sent
     * @throws IOException what {@code from} threw, when the blob could not be read there; that is not tried again
     */
    public boolean push(Descriptor blob, BlobReader from) throws IOException, InterruptedException {
        if (size(blob.digest()).isPresent()) {
            return false;
        }
        new BlobUpload(origin, blob, from, chunk, retries).run();
        return true;
    }

    /**
     * Puts a manifest under a tag or its digest; all that it refers to has to be there already.
     *
     * @param key a tag or the manifest's digest
     */
    public void putManifest(String key, RawManifest manifest) throws IOException, InterruptedException {
        retries.run(() -> {
            Manifests.put(origin, key, manifest);
            return true;
        });
        resolved.forget(registry(), name(), key);
    }

    @Override
    public String toString() {
        return origin.toString();
    }
}
