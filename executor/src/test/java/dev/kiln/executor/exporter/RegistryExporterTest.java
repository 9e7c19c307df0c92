package dev.kiln.executor.exporter;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.layercache.registry.TestRegistry;
import dev.kiln.queue.job.ImageForm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RegistryExporterTest {
    private final TestRegistry registry = new TestRegistry();
    private final InMemoryContentStore content = new InMemoryContentStore();
    private final RegistryClient client = new RegistryClient(new RegistrySettings(registry.address(), Set.of()),
            Keychain.anonymous(), new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(9), new Random(1),
                    pause -> {}),
            InstantSource.fixed(Instant.EPOCH));
    private List<ImageReference> origins = List.of();
    private final RegistryExporter exporter = new RegistryExporter(client, content, blob -> origins);
    private final List<String> heard = new ArrayList<>();
    private final Exporter.PushListener listener = new Exporter.PushListener() {
        @Override
        public void pushed(ImageReference name, Digest manifest) {
            heard.add("pushed " + name + " " + manifest);
        }

        @Override
        public void failed(ImageReference name, String message) {
            heard.add("failed " + name);
        }
    };

    @AfterEach
    void close() {
        client.close();
        registry.close();
    }

    private static AssembledImages only(AssembledImage image) {
        return AssembledImages.of(List.of(image), ImageForm.USUAL);
    }

    private AssembledImage image(String... layers) throws Exception {
        return image(Platform.parse("linux/amd64"), layers);
    }

    private AssembledImage image(Platform platform, String... layers) throws Exception {
        List<Descriptor> blobs = new ArrayList<>();
        for (String layer : layers) {
            byte[] bytes = layer.getBytes(StandardCharsets.UTF_8);
            content.ingest(bytes);
            blobs.add(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, bytes));
        }
        List<CachedLayer> made = blobs.stream()
            .map(blob -> new CachedLayer(blob.digest(), blob, 0, Optional.empty(), Optional.empty()))
            .toList();
        ImageConfig config = new ImageConfig(platform, Optional.empty(), Optional.empty(), RunConfig.EMPTY,
                blobs.stream().map(Descriptor::digest).toList(), List.of());
        return AssembledImage.of(new BuiltImage(config, made, 0, Optional.empty(), Map.of()), ImageForm.USUAL);
    }

    private ImageReference name(String text) {
        return ImageReference.parse(registry.host() + "/" + text);
    }

    /** The registry says that it has no blob of the repository, whatever it has in others. */
    private void hideBlobsOf(String repository) {
        registry.fail(Integer.MAX_VALUE, "HEAD", "/v2/" + repository + "/blobs/", 404, Map.of());
    }

    @Test
    void export_severalNames_bringsBlobsBeforeManifests() throws Exception {
        AssembledImage image = image("one", "two", "one");
        List<ImageReference> names = List.of(name("team/app:1"), name("team/app:2"), ImageReference.parse("builds/x"));

        exporter.upload(only(image), names);
        assertThat(registry.requests()).noneMatch(request -> request.contains("/manifests/"));
        exporter.publish(only(image), names, listener);

        assertThat(registry.manifest("team/app", "1")).contains(image.manifest());
        assertThat(registry.manifest("team/app", "2")).contains(image.manifest());
        assertThat(registry.manifest("builds/x", "latest")).contains(image.manifest());
        assertThat(registry.blob(image.config().digest())).contains(image.configBytes());
        assertThat(image.layers()).allMatch(layer -> registry.blob(layer.digest()).isPresent());
        assertThat(heard).containsExactly("pushed " + names.get(0) + " " + image.manifest().digest(),
                "pushed " + names.get(1) + " " + image.manifest().digest(),
                "pushed builds/x " + image.manifest().digest());
    }

    @Test
    void export_imagesForSeveralPlatforms_bringsTheirManifestsBeforeTheIndex() throws Exception {
        AssembledImage one = image("one", "shared");
        AssembledImage two = image(Platform.parse("linux/arm64"), "two", "shared");
        AssembledImages images = AssembledImages.of(List.of(one, two), ImageForm.USUAL);
        List<ImageReference> names = List.of(name("app:1"), name("app:2"));

        exporter.upload(images, names);
        assertThat(registry.manifest("app", one.manifest().digest().toString())).contains(one.manifest());
        assertThat(registry.manifest("app", two.manifest().digest().toString())).contains(two.manifest());
        assertThat(registry.manifest("app", "1")).isEmpty();
        exporter.publish(images, names, listener);

        assertThat(registry.manifest("app", "1")).contains(images.top());
        assertThat(registry.manifest("app", "2")).contains(images.top());
        assertThat(registry.blob(two.config().digest())).contains(two.configBytes());
        assertThat(heard).hasSize(2).allMatch(line -> line.endsWith(images.descriptor().digest().toString()));
    }

    @Test
    void upload_blobsAreThere_sendsNone() throws Exception {
        AssembledImage image = image("one", "two");
        exporter.upload(only(image), List.of(name("app:1")));
        int before = registry.requests().size();

        exporter.upload(only(image), List.of(name("app:1")));

        assertThat(registry.requests().subList(before, registry.requests().size()))
            .hasSize(3)
            .allMatch(request -> request.startsWith("HEAD "));
    }

    @Test
    void upload_anotherRepositoryOfTheRegistryHasIt_mounts() throws Exception {
        AssembledImage image = image("one");
        Digest layer = image.layers().getFirst().digest();
        registry.putBlob("one".getBytes(StandardCharsets.UTF_8));
        content.delete(layer);
        hideBlobsOf("app");
        origins = List.of(ImageReference.parse("elsewhere.example/base"), name("base"));

        exporter.upload(only(image), List.of(name("app:1")));

        assertThat(registry.requests()).contains(
                "POST /v2/app/blobs/uploads/?mount=" + layer.toString().replace(":", "%3A") + "&from=base")
            .noneMatch(request -> request.contains("from=elsewhere"));
    }

    @Test
    void upload_secondRepository_mountsFromTheFirst() throws Exception {
        AssembledImage image = image("one");
        hideBlobsOf("b");

        exporter.upload(only(image), List.of(name("a:1"), name("b:1")));

        assertThat(registry.requests()).anyMatch(request -> request.endsWith("&from=a"));
    }

    @Test
    void upload_registryInTrouble_isTriedAgain() throws Exception {
        registry.fail(2, "POST", "/v2/app/blobs/uploads/", 503, Map.of());
        AssembledImage image = image("one");

        exporter.upload(only(image), List.of(name("app:1")));

        assertThat(registry.blob(image.layers().getFirst().digest())).isPresent();
    }

    @Test
    void upload_registryStaysInTrouble_failsWithItsAnswer() throws Exception {
        registry.fail(99, "POST", "/v2/app/blobs/uploads/", 503, Map.of());
        AssembledImage image = image("one");

        assertThatThrownBy(() -> exporter.upload(only(image), List.of(name("app:1"))))
            .isInstanceOfSatisfying(ExportException.class, e -> {
                assertThat(e.code()).isEqualTo(ExportException.Code.REGISTRY);
                assertThat(e.retryable()).isTrue();
            })
            .message()
            .contains(registry.host() + "/app", "503");
    }

    @Test
    void upload_layerIsGone_saysSoBeforeSendingAnything() throws Exception {
        AssembledImage image = image("one");
        content.delete(image.layers().getFirst().digest());

        assertThatThrownBy(() -> exporter.upload(only(image), List.of(name("app:1"))))
            .isInstanceOfSatisfying(ExportException.class,
                    e -> assertThat(e.code()).isEqualTo(ExportException.Code.LAYER));
        assertThat(registry.requests()).noneMatch(request -> request.startsWith("POST"));
    }

    @Test
    void export_nameWithTheDigestOfTheImage_putsNoTag() throws Exception {
        AssembledImage image = image("one");
        ImageReference name = name("app").withDigest(image.manifest().digest());

        exporter.upload(only(image), List.of(name));
        exporter.publish(only(image), List.of(name), listener);

        assertThat(registry.manifest("app", image.manifest().digest().toString())).contains(image.manifest());
        assertThat(registry.requests()).noneMatch(request -> request.endsWith("/manifests/latest"));
    }

    @Test
    void upload_nameWithAnotherDigest_isRefused() throws Exception {
        AssembledImage image = image("one");

        assertThatThrownBy(() -> exporter.upload(only(image), List.of(name("app").withDigest(image.config().digest()))))
            .isInstanceOfSatisfying(ExportException.class,
                    e -> assertThat(e.code()).isEqualTo(ExportException.Code.NAME));
    }

    @Test
    void publish_oneNameRefused_triesTheOthersAndFails() throws Exception {
        AssembledImage image = image("one");
        List<ImageReference> names = List.of(name("denied:1"), name("app:1"));
        exporter.upload(only(image), names);
        registry.fail(99, "PUT", "/v2/denied/manifests/", 403, Map.of());

        assertThatThrownBy(() -> exporter.publish(only(image), names, listener))
            .isInstanceOfSatisfying(ExportException.class, e -> assertThat(e.retryable()).isFalse())
            .message()
            .contains("denied:1", "403");

        assertThat(heard).containsExactly("failed " + names.get(0),
                "pushed " + names.get(1) + " " + image.manifest().digest());
    }
}
