package dev.kiln.executor.source;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.frontend.BaseImages.BaseImageException;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.oci.RawManifest;

import static dev.kiln.executor.source.RegistryFixture.AMD64;
import static dev.kiln.executor.source.RegistryFixture.ARM64;
import static dev.kiln.executor.source.RegistryFixture.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RegistryBaseImagesTest {
    private final RegistryFixture fixture = new RegistryFixture();
    private final InMemoryContentStore content = new InMemoryContentStore();
    private final RegistryBaseLayers layers = new RegistryBaseLayers(fixture.client, content);
    private final RegistryBaseImages images = new RegistryBaseImages(fixture.client, content, layers);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void resolve_tag_givesDigestConfigAndOrigins() throws Exception {
        RawManifest manifest = fixture.image("team/app", AMD64, "one", "two");
        fixture.registry.putManifest("team/app", "1", manifest);
        ImageReference named = fixture.reference("team/app:1");

        BaseImage image = images.resolve(named, AMD64);

        assertThat(image.reference()).isEqualTo(named.withDigest(manifest.digest()));
        assertThat(image.config().layers()).hasSize(2);
        assertThat(layers.layersOf(image.reference())).extracting(layer -> layer.diffId())
            .isEqualTo(image.config().layers());
        assertThat(fixture.requests("GET /v2/team/app/blobs")).as("the configuration alone").isEqualTo(1);
    }

    @Test
    void resolve_tagAgain_costsOneShortRequest() throws Exception {
        fixture.registry.putManifest("app", "1", fixture.image("app", AMD64, "one"));
        images.resolve(fixture.reference("app:1"), AMD64);
        int before = fixture.registry.requests().size();

        images.resolve(fixture.reference("app:1"), AMD64);

        assertThat(fixture.registry.requests().subList(before, fixture.registry.requests().size()))
            .containsExactly("HEAD /v2/app/manifests/1");
    }

    @Test
    void resolve_tagMoved_givesTheNewImage() throws Exception {
        fixture.registry.putManifest("app", "1", fixture.image("app", AMD64, "one"));
        images.resolve(fixture.reference("app:1"), AMD64);
        RawManifest moved = fixture.image("app", AMD64, "two");
        fixture.registry.putManifest("app", "1", moved);

        assertThat(images.resolve(fixture.reference("app:1"), AMD64).reference().digest()).contains(moved.digest());
    }

    @Test
    void resolve_digestSeenBefore_needsNoRegistry() throws Exception {
        RawManifest manifest = fixture.image("app", AMD64, "one");
        ImageReference pinned = fixture.reference("app").withDigest(manifest.digest());
        images.resolve(pinned, AMD64);
        int before = fixture.registry.requests().size();

        images.resolve(pinned, AMD64);
        layers.layersOf(pinned);

        assertThat(fixture.registry.requests()).hasSize(before);
    }

    @Test
    void resolve_index_choosesThePlatform() throws Exception {
        RawManifest arm = fixture.image("app", ARM64, "arm");
        fixture.registry.putManifest("app", "1", index(entry(fixture.image("app", AMD64, "amd"), AMD64),
                entry(arm, ARM64)));

        BaseImage image = images.resolve(fixture.reference("app:1"), ARM64);

        assertThat(image.reference().digest()).contains(arm.digest());
        assertThat(image.config().platform()).isEqualTo(ARM64);
    }

    @Test
    void resolve_indexWithoutThePlatform_saysWhichThereAre() {
        fixture.registry.putManifest("app", "1", index(entry(fixture.image("app", ARM64, "arm"), ARM64),
                entry(fixture.image("app", AMD64, "amd"), AMD64)));

        refused("app:1", Platform.parse("linux/s390x"), false, "no image for linux/s390x", "linux/arm64, linux/amd64");
    }

    /** A finding, InvalidBaseImagePlatform, is all that comes of it. */
    @Test
    void resolve_imageOfAnotherPlatform_isTaken() throws Exception {
        fixture.registry.putManifest("app", "arm", fixture.image("app", ARM64, "arm"));

        assertThat(images.resolve(fixture.reference("app:arm"), AMD64).config().platform()).isEqualTo(ARM64);
    }

    @Test
    void resolve_unknown_saysWhoAnsweredWhat() {
        refused("app:gone", AMD64, false, fixture.registry.host(), "app:gone: not found", "404", "MANIFEST_UNKNOWN");
    }

    @Test
    void resolve_registryInTrouble_isTriedAgainAndRetryable() throws Exception {
        fixture.registry.putManifest("app", "1", fixture.image("app", AMD64, "one"));
        fixture.registry.fail(2, "HEAD", "/manifests/1", 503, Map.of());
        assertThat(images.resolve(fixture.reference("app:1"), AMD64).config().layers()).hasSize(1);

        fixture.registry.fail(9, "HEAD", "/manifests/1", 503, Map.of());
        refused("app:1", AMD64, true, fixture.registry.host(), "503");
    }

    @Test
    void resolve_noImage_isRefused() {
        fixture.registry.putBlob(bytes("{}"));
        fixture.registry.putManifest("app", "bad",
                RawManifest.of(Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, bytes("{}")), List.of())));

        refused("app:bad", AMD64, false, "app:bad is no image that can be built on");
    }

    private void refused(String name, Platform platform, boolean retryable, String... words) {
        assertThatThrownBy(() -> images.resolve(fixture.reference(name), platform))
            .isInstanceOfSatisfying(BaseImageException.class, e -> assertThat(e.retryable()).isEqualTo(retryable))
            .message()
            .contains(words);
    }

    private static Descriptor entry(RawManifest manifest, Platform platform) {
        Descriptor plain = manifest.descriptor();
        return new Descriptor(plain.mediaType(), plain.digest(), plain.size(), Map.of(), Optional.of(platform),
                Optional.empty());
    }

    private static RawManifest index(Descriptor... entries) {
        return RawManifest.of(ImageIndex.of(List.of(entries)));
    }
}
