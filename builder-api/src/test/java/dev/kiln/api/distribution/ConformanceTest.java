package dev.kiln.api.distribution;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.kiln.api.distribution.TestRegistryServer.Answer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static dev.kiln.api.distribution.TestRegistryServer.bytes;
import static dev.kiln.api.distribution.TestRegistryServer.part;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The distribution-spec 1.1, requirement by requirement: a request, and what the specification says of the answer. The lines run
 * in their order against one registry. {@code $up} stands for the Location that was noted last.
 */
class ConformanceTest {
    private static final byte[] BLOB = bytes(100_000);
    private static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);
    private static final Descriptor CONFIG_OF = Descriptor.of(MediaTypes.OCI_CONFIG, CONFIG);
    private static final RawManifest MANIFEST = RawManifest.of(Manifest.of(CONFIG_OF,
            List.of(Descriptor.of(MediaTypes.OCI_LAYER, BLOB))));
    private static final RawManifest INDEX = RawManifest.of(ImageIndex.of(List.of(MANIFEST.descriptor())));
    private static final RawManifest ATTACHED = RawManifest.of(new Manifest(MediaTypes.OCI_MANIFEST, CONFIG_OF,
            List.of(), Map.of("note", "n"), Optional.of("text/x-note"),
            Optional.of(INDEX.descriptor())));
    private static final Digest SHA512 = new Digest("sha512", "0".repeat(128)).ofSame(BLOB);
    private static final String ABSENT = Digest.sha256("absent".getBytes(StandardCharsets.UTF_8)).toString();
    private static final byte[] NONE = {};

    @TempDir
    static Path folder;
    private static TestRegistryServer registry;
    private static String up = "";

    /**
     * One requirement.
     *
     * @param section of the specification
     * @param headers that are sent
     * @param expected headers; a value that ends with … is a beginning, an empty one means that there is none
     * @param code of the one error, empty when it is no error
     */
    record Requirement(String section, String method, String path, byte[] body, List<String> headers, int status,
            String code, Map<String, String> expected, boolean note) {

        Requirement sends(byte[] other, String... more) {
            return new Requirement(section, method, path, other, List.of(more), status, code, expected, note);
        }

        Requirement error(String other) {
            return new Requirement(section, method, path, body, headers, status, other, expected, note);
        }

        Requirement gives(String header, String value) {
            Map<String, String> all = new LinkedHashMap<>(expected);
            all.put(header, value);
            return new Requirement(section, method, path, body, headers, status, code, all, note);
        }

        /** Its Location is that of the requests that follow. */
        Requirement noted() {
            return new Requirement(section, method, path, body, headers, status, code, expected, true);
        }

        @Override
        public String toString() {
            return section + ": " + method + " " + path + " → " + status;
        }
    }

    private static Requirement req(String section, String method, String path, int status) {
        return new Requirement(section, method, path, NONE, List.of(), status, "", Map.of(), false);
    }

    static Stream<Requirement> requirements() {
        return Stream
            .of(support(), monolithic(), chunked(), mounts(), manifests(), pulls(), tags(), referrers(), limits(),
                    deletes())
            .flatMap(List::stream);
    }

    private static List<Requirement> support() {
        return List.of(req("Determining Support", "GET", "/v2/", 200),
                req("Pulling manifests", "GET", "/v2/none/manifests/1", 404).error("MANIFEST_UNKNOWN"),
                req("Listing Tags", "GET", "/v2/none/tags/list", 404).error("NAME_UNKNOWN"),
                req("Listing Referrers", "GET", "/v2/none/referrers/" + ABSENT, 200)
                    .gives("Content-Type", MediaTypes.OCI_INDEX),
                req("Error Codes", "GET", "/v2/No/tags/list", 400).error("NAME_INVALID"));
    }

    private static List<Requirement> monolithic() {
        String post = "/v2/c/app/blobs/uploads/";
        return List.of(
                req("POST then PUT", "POST", post, 202).gives("Location", post + "…")
                    .gives("OCI-Chunk-Min-Length", "")
                    .noted(),
                req("POST then PUT", "PUT", "$up?digest=" + CONFIG_OF.digest(), 201)
                    .sends(CONFIG, "Content-Type", "application/octet-stream")
                    .gives("Location", "/v2/c/app/blobs/" + CONFIG_OF.digest())
                    .gives("Docker-Content-Digest", CONFIG_OF.digest().toString()),
                req("POST then PUT", "PUT", "$up?digest=" + CONFIG_OF.digest(), 404).sends(CONFIG)
                    .error("BLOB_UPLOAD_UNKNOWN"),
                req("Single POST", "POST", post + "?digest=" + SHA512, 201).sends(BLOB)
                    .gives("Location", "/v2/c/app/blobs/" + SHA512),
                req("Single POST", "POST", post + "?digest=" + ABSENT, 400).sends(CONFIG).error("DIGEST_INVALID"),
                req("Pushing blobs", "POST", post + "?digest=md5:d41d8cd98f00b204e9800998ecf8427e", 400).sends(CONFIG)
                    .error("DIGEST_INVALID"),
                req("Pushing blobs", "POST", post + "?digest-algorithm=md5", 400).error("DIGEST_INVALID"),
                req("Pushing blobs", "POST", post, 202).noted(),
                req("Pushing blobs", "PUT", "$up", 400).sends(CONFIG).error("DIGEST_INVALID"),
                req("Cancel a blob upload", "DELETE", "$up", 204),
                req("Cancel a blob upload", "DELETE", "$up", 404).error("BLOB_UPLOAD_UNKNOWN"));
    }

    private static List<Requirement> chunked() {
        String digest = Digest.sha256(BLOB).toString();
        return List.of(
                req("Pushing a blob in chunks", "POST", "/v2/c/app/blobs/uploads/", 202).noted(),
                req("Pushing a blob in chunks", "PATCH", "$up", 416).sends(part(BLOB, 10, 20), "Content-Range", "10-19")
                    .error("BLOB_UPLOAD_INVALID"),
                req("Pushing a blob in chunks", "PATCH", "$up", 202)
                    .sends(part(BLOB, 0, 60_000), "Content-Range", "0-59999")
                    .gives("Range", "0-59999")
                    .gives("Location", "/v2/c/app/blobs/uploads/…")
                    .noted(),
                req("Pushing a blob in chunks", "GET", "$up", 204).gives("Range", "0-59999").gives("Location", "/v2/…"),
                req("Pushing a blob in chunks", "PATCH", "$up", 416)
                    .sends(part(BLOB, 0, 60_000), "Content-Range", "0-59999")
                    .error("BLOB_UPLOAD_INVALID")
                    .gives("Range", "0-59999"),
                req("Pushing a blob in chunks", "PATCH", "$up", 202)
                    .sends(part(BLOB, 60_000, 60_001), "Content-Range", "60000-60000")
                    .gives("Range", "0-60000"),
                req("Pushing a blob in chunks", "PUT", "$up?digest=" + digest, 416)
                    .sends(part(BLOB, 60_000, 100_000), "Content-Range", "60000-99999")
                    .error("BLOB_UPLOAD_INVALID"),
                req("Pushing a blob in chunks", "PUT", "$up?digest=" + digest, 201)
                    .sends(part(BLOB, 60_001, 100_000), "Content-Range", "60001-99999")
                    .gives("Location", "/v2/c/app/blobs/" + digest));
    }

    private static List<Requirement> mounts() {
        String digest = Digest.sha256(BLOB).toString();
        String post = "/v2/c/copy/blobs/uploads/?mount=";
        return List.of(
                req("Mounting a blob", "POST", post + digest + "&from=c/app", 201)
                    .gives("Location", "/v2/c/copy/blobs/" + digest),
                req("Mounting a blob", "POST", post + CONFIG_OF.digest(), 201),
                req("Mounting a blob", "POST", post + ABSENT + "&from=c/app", 202).noted(),
                req("Mounting a blob", "DELETE", "$up", 204),
                req("Mounting a blob", "POST", post + digest + "&from=No", 400).error("NAME_INVALID"));
    }

    private static List<Requirement> manifests() {
        String at = "/v2/c/app/manifests/";
        return List.of(
                put("Pushing Manifests", at + "1.0", MANIFEST, 201).gives("Location", at + MANIFEST.digest())
                    .gives("Docker-Content-Digest", MANIFEST.digest().toString())
                    .gives("OCI-Subject", ""),
                put("Pushing Manifests", at + INDEX.digest() + "?tag=a&tag=b", INDEX, 201).gives("OCI-Tag", "a, b"),
                put("Pushing Manifests", at + ABSENT, MANIFEST, 400).error("DIGEST_INVALID"),
                put("Pushing Manifests", at + "-no", MANIFEST, 400).error("TAG_INVALID"),
                req("Pushing Manifests", "PUT", at + "1", 201).sends(MANIFEST.bytes(), "Content-Type",
                        MANIFEST.mediaType() + "; charset=utf-8"),
                req("Pushing Manifests", "PUT", at + "1", 400).sends(CONFIG, "Content-Type", MediaTypes.OCI_MANIFEST)
                    .error("MANIFEST_INVALID"),
                put("Pushing Manifests", "/v2/c/empty/manifests/1", MANIFEST, 201),
                put("Pushing Manifests", "/v2/c/other/manifests/1", INDEX, 400).error("MANIFEST_BLOB_UNKNOWN"),
                put("Pushing Manifests with Subject", at + ATTACHED.digest(), ATTACHED, 201)
                    .gives("OCI-Subject", INDEX.digest().toString()),
                put("Pushing Manifests with Subject", "/v2/c/early/manifests/x", ATTACHED, 201)
                    .gives("OCI-Subject", INDEX.digest().toString()));
    }

    private static Requirement put(String section, String path, RawManifest manifest, int status) {
        return req(section, "PUT", path, status).sends(manifest.bytes(), "Content-Type", manifest.mediaType());
    }

    private static List<Requirement> pulls() {
        String manifest = "/v2/c/app/manifests/";
        String blob = "/v2/c/app/blobs/";
        String layer = Digest.sha256(BLOB).toString();
        return List.of(
                req("Pulling manifests", "GET", manifest + "1.0", 200).gives("Content-Type", MediaTypes.OCI_MANIFEST)
                    .gives("Docker-Content-Digest", MANIFEST.digest().toString()),
                req("Pulling manifests", "GET", manifest + "a", 200).gives("Content-Type", MediaTypes.OCI_INDEX),
                req("Checking if content exists", "HEAD", manifest + MANIFEST.digest(), 200)
                    .gives("Content-Length", "" + MANIFEST.bytes().length)
                    .gives("Docker-Content-Digest", MANIFEST.digest().toString()),
                req("Checking if content exists", "HEAD", manifest + "none", 404),
                req("Pulling manifests", "GET", manifest + ABSENT, 404).error("MANIFEST_UNKNOWN"),
                req("Pulling blobs", "GET", blob + layer, 200).gives("Docker-Content-Digest", layer)
                    .gives("Content-Length", "100000"),
                req("Pulling blobs", "GET", blob + SHA512, 200).gives("Docker-Content-Digest", SHA512.toString()),
                req("Pulling blobs", "GET", blob + layer, 206).sends(NONE, "Range", "bytes=10-19")
                    .gives("Content-Range", "bytes 10-19/100000")
                    .gives("Content-Length", "10"),
                req("Pulling blobs", "GET", blob + layer, 416).sends(NONE, "Range", "bytes=100000-")
                    .gives("Content-Range", "bytes */100000"),
                req("Checking if content exists", "HEAD", blob + layer, 200).gives("Content-Length", "100000")
                    .gives("Docker-Content-Digest", layer),
                req("Pulling blobs", "GET", blob + ABSENT, 404).error("BLOB_UNKNOWN"),
                req("Pulling blobs", "GET", blob + "sha256:xyz", 400).error("DIGEST_INVALID"));
    }

    private static List<Requirement> tags() {
        String list = "/v2/c/app/tags/list";
        return List.of(req("Listing Tags", "GET", list, 200).gives("Link", ""),
                req("Listing Tags", "GET", list + "?n=2", 200).gives("Link",
                        "<" + list + "?n=2&last=1.0>; rel=\"next\""),
                req("Listing Tags", "GET", list + "?n=2&last=1.0", 200).gives("Link", ""),
                req("Listing Tags", "GET", list + "?n=0", 200).gives("Link", ""),
                req("Listing Tags", "GET", list + "?last=b", 200),
                req("Listing Tags", "GET", list + "?n=x", 400),
                req("Catalog", "GET", "/v2/_catalog?n=1", 200).gives("Link",
                        "</v2/_catalog?n=1&last=c/app>; rel=\"next\""));
    }

    private static List<Requirement> referrers() {
        String list = "/v2/c/app/referrers/";
        return List.of(
                req("Listing Referrers", "GET", list + INDEX.digest(), 200).gives("Content-Type", MediaTypes.OCI_INDEX)
                    .gives("OCI-Filters-Applied", ""),
                req("Listing Referrers", "GET", list + INDEX.digest() + "?artifactType=text/x-note", 200)
                    .gives("OCI-Filters-Applied", "artifactType"),
                req("Listing Referrers", "GET", "/v2/c/early/referrers/" + INDEX.digest(), 200),
                req("Listing Referrers", "GET", list + ABSENT, 200).gives("Content-Type", MediaTypes.OCI_INDEX),
                req("Listing Referrers", "GET", list + "sha256:xyz", 400).error("DIGEST_INVALID"));
    }

    private static List<Requirement> limits() {
        byte[] large = Arrays.copyOf(MANIFEST.bytes(), 4 << 20);
        Arrays.fill(large, MANIFEST.bytes().length, large.length, (byte) ' ');
        return List.of(
                req("Pushing Manifests", "PUT", "/v2/c/app/manifests/large", 201).sends(large, "Content-Type",
                        MediaTypes.OCI_MANIFEST),
                req("Pushing Manifests", "PUT", "/v2/c/app/manifests/larger", 413)
                    .sends(Arrays.copyOf(large, (4 << 20) + 1), "Content-Type", MediaTypes.OCI_MANIFEST)
                    .error("SIZE_INVALID"));
    }

    private static List<Requirement> deletes() {
        String manifest = "/v2/c/app/manifests/";
        String blob = "/v2/c/copy/blobs/" + Digest.sha256(BLOB);
        return List.of(req("Deleting tags", "DELETE", manifest + "a", 202),
                req("Deleting tags", "GET", manifest + "a", 404).error("MANIFEST_UNKNOWN"),
                req("Deleting tags", "DELETE", manifest + "a", 404).error("MANIFEST_UNKNOWN"),
                req("Deleting Manifests", "DELETE", manifest + ATTACHED.digest(), 202),
                req("Listing Referrers", "GET", "/v2/c/app/referrers/" + INDEX.digest(), 200),
                req("Deleting Manifests", "DELETE", manifest + INDEX.digest(), 202),
                req("Deleting Manifests", "GET", manifest + INDEX.digest(), 404).error("MANIFEST_UNKNOWN"),
                req("Deleting Manifests", "GET", manifest + "b", 404).error("MANIFEST_UNKNOWN"),
                req("Deleting Manifests", "DELETE", "/v2/c/none/manifests/" + ABSENT, 404).error("MANIFEST_UNKNOWN"),
                req("Deleting Blobs", "DELETE", blob, 202),
                req("Deleting Blobs", "GET", blob, 404).error("BLOB_UNKNOWN"),
                req("Deleting Blobs", "DELETE", blob, 404).error("BLOB_UNKNOWN"),
                req("Deleting Blobs", "DELETE", "/v2/c/app/blobs/" + Digest.sha256(BLOB), 405).error("DENIED"));
    }

    @BeforeAll
    static void start() throws Exception {
        registry = new TestRegistryServer(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        registry.close();
    }

    @ParameterizedTest
    @MethodSource("requirements")
    void answer_isAsTheSpecificationSays(Requirement requirement) {
        Answer answer = registry.send(requirement.method, requirement.path.replace("$up", up), requirement.body,
                requirement.headers.toArray(String[]::new));
        answer.expect(requirement.status);
        if (!requirement.code.isEmpty()) {
            assertThat(answer.code()).isEqualTo(requirement.code);
        }
        requirement.expected.forEach((header, value) -> {
            if (value.endsWith("…")) {
                assertThat(answer.header(header)).startsWith(value.substring(0, value.length() - 1));
            } else {
                assertThat(answer.header(header)).as(header).isEqualTo(value);
            }
        });
        up = requirement.note ? answer.header("Location") : up;
    }
}
