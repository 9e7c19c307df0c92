package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.content.VerifyingInputStream;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ManifestJson;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Transport.Call;

/**
 * A repository of a registry (OCI distribution-spec 1.1). Reading and writing are tried again as the client's
 * {@link RetryPolicy} says; what comes is checked against size and digest.
 */
public final class Repository implements BlobReader {
    private static final String ACCEPT = String.join(", ", MediaTypes.OCI_INDEX, MediaTypes.OCI_MANIFEST,
            MediaTypes.DOCKER_LIST, MediaTypes.DOCKER_MANIFEST);

    private final Transport transport;
    private final Failures failures;
    private final RetryPolicy retries;
    private final URI base;
    private final String name;

    Repository(Transport transport, Failures failures, RetryPolicy retries, URI base, String name) {
        this.transport = transport;
        this.failures = failures;
        this.retries = retries;
        this.base = base;
        this.name = name;
    }

    /** The repository's name within its registry. */
    public String name() {
        return name;
    }

    /** Host and port of the registry. */
    public String registry() {
        return base.getAuthority();
    }

    /**
     * Fetches a manifest or index.
     *
     * @param key a tag or a digest
     */
    public RawManifest manifest(String key) throws IOException, InterruptedException {
        Call call = pull("GET", "pulling the manifest " + key, "manifests/" + key).with("Accept", ACCEPT);
        return retries.run(() -> {
            HttpResponse<InputStream> response = transport.send(call);
            if (response.statusCode() != 200) {
                throw failures.of(call, response);
            }
            return manifest(call, key, response, body(call, response, RawManifest.MAX_BYTES));
        });
    }

    private static RawManifest manifest(Call call, String key, HttpResponse<?> response, byte[] bytes)
            throws IOException {
        try {
            String type = ManifestJson.mediaType(contentType(response), bytes);
            Optional<Digest> named = key.indexOf(':') >= 0
                    ? Optional.of(Digest.parse(key))
                    : response.headers().firstValue("Docker-Content-Digest").map(Digest::parse);
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

    private static String contentType(HttpResponse<?> response) {
        return MediaTypes.ofContentType(response.headers().firstValue("Content-Type").orElse(""));
    }

    /** What a tag or digest names, without fetching it where the registry says enough; empty when it names nothing. */
    public Optional<Descriptor> head(String key) throws IOException, InterruptedException {
        Call call = pull("HEAD", "looking up " + key, "manifests/" + key).with("Accept", ACCEPT);
        Optional<HttpResponse<InputStream>> found = retries.run(() -> {
            HttpResponse<InputStream> response = transport.send(call);
            response.body().close();
            if (response.statusCode() == 404) {
                return Optional.empty();
            }
            if (response.statusCode() != 200) {
                throw failures.of(call, response);
            }
            return Optional.of(response);
        });
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Optional<Descriptor> said = descriptor(found.get());
        return said.isPresent() ? said : Optional.of(manifest(key).descriptor());
    }

    private static Optional<Descriptor> descriptor(HttpResponse<?> response) {
        try {
            Optional<Digest> digest = response.headers().firstValue("Docker-Content-Digest").map(Digest::parse);
            OptionalLong size = response.headers().firstValueAsLong("Content-Length");
            String type = contentType(response);
            return digest.isEmpty() || size.isEmpty() || !(MediaTypes.isManifest(type) || MediaTypes.isIndex(type))
                    ? Optional.empty()
                    : Optional.of(Descriptor.of(type, digest.get(), size.getAsLong()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Brings a blob here, checked while it comes. */
    public void pull(Descriptor blob, BlobIngester into) throws IOException, InterruptedException {
        retries.run(() -> {
            try (InputStream in = once(blob.digest(), 0, OptionalLong.of(blob.size()))) {
                into.ingest(blob.digest(), blob.size(), in);
            }
            return true;
        });
    }

    @Override
    public OptionalLong size(Digest digest) throws IOException {
        Call call = pull("HEAD", "looking up the blob " + digest, "blobs/" + digest);
        return uninterrupted(() -> retries.run(() -> {
            HttpResponse<InputStream> response = transport.send(call);
            response.body().close();
            if (response.statusCode() == 404) {
                return OptionalLong.empty();
            }
            if (response.statusCode() != 200) {
                throw failures.of(call, response);
            }
            return OptionalLong.of(response.headers().firstValueAsLong("Content-Length").orElse(0));
        }));
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        return uninterrupted(() -> retries.run(() -> once(digest, offset, OptionalLong.empty())));
    }

    private InputStream once(Digest digest, long offset, OptionalLong size) throws IOException, InterruptedException {
        Call plain = pull("GET", "pulling the blob " + digest, "blobs/" + digest);
        Call call = offset == 0 ? plain : plain.with("Range", "bytes=" + offset + "-");
        HttpResponse<InputStream> response = transport.send(call);
        if (response.statusCode() == 404) {
            response.body().close();
            throw new ContentException(ContentException.Code.NOT_FOUND,
                    call.what() + ": the registry " + registry() + " does not have it");
        }
        if (response.statusCode() != 200 && response.statusCode() != 206) {
            throw failures.of(call, response);
        }
        if (offset > 0 && response.statusCode() == 200) {
            response.body().skipNBytes(offset);
        }
        if (offset > 0) {
            return response.body();
        }
        OptionalLong announced = response.headers().firstValueAsLong("Content-Length");
        return new VerifyingInputStream(call.what() + ": what the registry " + registry() + " sent", response.body(),
                digest, size.isPresent() ? size : announced);
    }

    /**
     * Makes a blob of another repository of this registry one of this repository's, without moving its bytes.
     *
     * @return false when the registry would not; then it has to be pushed
     */
    public boolean mount(Digest digest, String from) throws IOException, InterruptedException {
        String query = "?mount=" + URLEncoder.encode(digest.toString(), StandardCharsets.UTF_8) + "&from="
                + URLEncoder.encode(from, StandardCharsets.UTF_8);
        Call call = call("POST", "mounting the blob " + digest, "blobs/uploads/" + query,
                scope("pull,push") + " repository:" + from + ":pull");
        HttpResponse<InputStream> response = transport.send(call);
        response.body().close();
        if (response.statusCode() == 202) {
            abandon(call, response);
        }
        return response.statusCode() == 201;
    }

    /** Ends an upload that the registry began instead of a mount. */
    private void abandon(Call begun, HttpResponse<?> response) throws IOException, InterruptedException {
        Call end = Call.of("ending an upload to " + this, "DELETE", uploadLocation(begun, response),
                scope("pull,push"));
        transport.send(end).body().close();
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
        Optional<IOException> unreadable = retries.run(() -> {
            UploadBody body = new UploadBody(blob, from);
            try {
                upload(blob, body);
                return Optional.empty();
            } catch (RegistryException e) {
                if (body.failure().isEmpty()) {
                    throw e;
                }
                return body.failure();
            }
        });
        if (unreadable.isPresent()) {
            throw unreadable.get();
        }
        return true;
    }

    private void upload(Descriptor blob, UploadBody body) throws IOException, InterruptedException {
        String what = "pushing the blob " + blob.digest();
        Call begin = push("POST", what, "blobs/uploads/");
        HttpResponse<InputStream> begun = transport.send(begin);
        if (begun.statusCode() != 202) {
            throw failures.of(begin, begun);
        }
        begun.body().close();
        URI location = uploadLocation(begin, begun);
        String query = (location.getRawQuery() == null ? "?" : "&") + "digest="
                + URLEncoder.encode(blob.digest().toString(), StandardCharsets.UTF_8);
        Call put = Call.of(begin.what(), "PUT", URI.create(location + query), scope("pull,push"))
            .with("Content-Type", "application/octet-stream")
            .with(body::publisher, blob.size());
        HttpResponse<InputStream> done = transport.send(put);
        if (done.statusCode() != 201) {
            throw failures.of(put, done);
        }
        done.body().close();
    }

    private URI uploadLocation(Call begin, HttpResponse<?> response) throws RegistryException {
        try {
            URI location = begin.uri().resolve(response.headers().firstValue("Location").orElseThrow());
            if (location.getHost() != null && begin.uri().getScheme().equals(location.getScheme())) {
                return location;
            }
        } catch (IllegalArgumentException | java.util.NoSuchElementException _) {
            // Said below.
        }
        throw RegistryException
            .protocol(begin.what() + ": the registry " + registry() + " named no place to upload to");
    }

    /**
     * Puts a manifest under a tag or its digest; all that it refers to has to be there already.
     *
     * @param key a tag or the manifest's digest
     */
    public void putManifest(String key, RawManifest manifest) throws IOException, InterruptedException {
        byte[] bytes = manifest.bytes();
        Call call = push("PUT", "pushing the manifest " + key, "manifests/" + key)
            .with("Content-Type", manifest.mediaType())
            .with(() -> BodyPublishers.ofByteArray(bytes), bytes.length);
        retries.run(() -> {
            HttpResponse<InputStream> response = transport.send(call);
            if (response.statusCode() != 201 && response.statusCode() != 200) {
                throw failures.of(call, response);
            }
            response.body().close();
            return true;
        });
    }

    private static byte[] body(Call call, HttpResponse<InputStream> response, int limit) throws IOException {
        try (InputStream in = response.body()) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw RegistryException.protocol(call.what() + ": the answer is larger than " + limit + " bytes");
            }
            return bytes;
        }
    }

    private Call pull(String method, String what, String path) {
        return call(method, what, path, scope("pull"));
    }

    private Call push(String method, String what, String path) {
        return call(method, what, path, scope("pull,push"));
    }

    private Call call(String method, String what, String path, String scope) {
        return Call.of(what + " of " + this, method, base.resolve("/v2/" + name + "/" + path), scope);
    }

    private String scope(String actions) {
        return "repository:" + name + ":" + actions;
    }

    private interface Interruptible<T> {
        T run() throws IOException, InterruptedException;
    }

    /** For the reading role, which knows no interrupts: the interrupt stays set. */
    private static <T> T uninterrupted(Interruptible<T> call) throws IOException {
        try {
            return call.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a registry");
        }
    }

    @Override
    public String toString() {
        return registry() + "/" + name;
    }
}
