package dev.kiln.api.distribution;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.distribution.TestRegistryServer.Settings;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;

import static dev.kiln.api.distribution.TestRegistryServer.blob;
import static dev.kiln.api.distribution.TestRegistryServer.bytes;
import static org.assertj.core.api.Assertions.assertThat;

class QuotasTest {
    @TempDir
    Path folder;
    private TestRegistryServer registry;

    private void start(Quotas.Relief relief, Quota... quotas) throws Exception {
        registry = new TestRegistryServer(folder,
                Settings.of(TestRegistryServer.Files.SENT).withQuotas(relief, quotas));
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
    }

    private RawManifest push(String repository, String tag, int size) {
        Descriptor config = registry.pushBlob(repository, MediaTypes.OCI_CONFIG, "{}".getBytes(StandardCharsets.UTF_8));
        Descriptor layer = registry.pushBlob(repository, MediaTypes.OCI_LAYER, bytes(size));
        RawManifest manifest = RawManifest.of(Manifest.of(config, List.of(layer)));
        registry.pushManifest(repository, tag, manifest).expect(201);
        return manifest;
    }

    private TestRegistryServer.Answer post(String repository, int size) {
        return registry.send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + Digest.sha256(bytes(size)),
                bytes(size));
    }

    @Test
    void push_overTheQuota_isDeniedAndLeavesNothing() throws Exception {
        start(Quotas.Relief.NONE, new Quota("", 1_000_000));
        push("a", "1", 600_000);

        var denied = post("b", 500_000).expect(403, "DENIED");
        String upload = registry.beginUpload("b");
        registry.send("PATCH", upload, bytes(450_000)).expect(403, "DENIED");

        assertThat(denied.text()).contains("the registry may hold 1000000 bytes", "registryQuota");
        assertThat(registry.content.file(Digest.sha256(bytes(500_000)))).isEmpty();
        registry.get(upload).expect(404, "BLOB_UPLOAD_UNKNOWN");
        assertThat(SmallFiles.names(registry.uploads())).containsExactly("writing");
        post("b", 300_000).expect(201);
        post("b", 200_000).expect(403, "DENIED");
    }

    @Test
    void push_ofWhatIsThere_countsOnce() throws Exception {
        start(Quotas.Relief.NONE, new Quota("", 1_000_000));
        push("a", "1", 600_000);

        push("a", "2", 600_000);
        registry.send("POST", "/v2/b/blobs/uploads/?mount=" + Digest.sha256(bytes(300_000)) + "&from=a").expect(202);
        post("a", 300_000).expect(201);
    }

    @Test
    void quota_ofAPrefix_isForWhatIsBelowIt() throws Exception {
        start(Quotas.Relief.NONE, new Quota("", 10_000_000), new Quota("team", 500_000));
        push("team/a", "1", 400_000);

        assertThat(post("team/b", 200_000).expect(403, "DENIED").text()).contains("the repositories of team may hold");
        push("teams/b", "1", 2_000_000);
        Digest large = Digest.sha256(bytes(2_000_000));
        registry.send("POST", "/v2/team/b/blobs/uploads/?mount=" + large + "&from=teams/b").expect(403, "DENIED");
    }

    @Test
    void manifest_ofBlobsElsewhere_countsToo() throws Exception {
        start(Quotas.Relief.NONE, new Quota("team", 500_000));
        RawManifest manifest = push("other", "1", 2_000_000);

        registry.pushManifest("team/a", "1", manifest).expect(403, "DENIED");

        registry.get("/v2/team/a/manifests/1").expect(404, "MANIFEST_UNKNOWN");
    }

    @Test
    void relief_isTriedBeforeAPushIsRefused() throws Exception {
        boolean[] collected = {false};
        start(() -> {
            collected[0] = true;
            registry.send("DELETE", "/v2/a/manifests/" + only("a")).expect(202);
        }, new Quota("", 1_000_000));
        push("a", "1", 600_000);

        post("b", 900_000).expect(201);

        assertThat(collected[0]).isTrue();
    }

    private Digest only(String repository) throws java.io.IOException {
        return registry.tags.manifests(new RepositoryName(repository)).getFirst();
    }

    @Test
    void delete_givesRoomAtTheNextCount() throws Exception {
        start(Quotas.Relief.NONE, new Quota("", 1_000_000));
        RawManifest manifest = push("a", "1", 600_000);
        registry.send("DELETE", "/v2/a/manifests/" + manifest.digest()).expect(202);

        push("a", "2", 900_000);
    }

    @Test
    void blob_thatWasCollected_countsNoMore() throws Exception {
        start(Quotas.Relief.NONE, new Quota("", 1_000_000));
        post("a", 600_000).expect(201);
        post("a", 700_000).expect(403, "DENIED");
        registry.content.delete(Digest.sha256(bytes(600_000)));
        registry.advance(Duration.ofMinutes(2));

        post("a", 700_000).expect(201);
        registry.get(blob("a", Digest.sha256(bytes(700_000)))).expect(200);
    }
}
