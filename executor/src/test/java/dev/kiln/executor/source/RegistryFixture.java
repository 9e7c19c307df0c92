package dev.kiln.executor.source;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.layercache.registry.TestRegistry;

/** A registry with images in it, and a client that does not wait between tries. */
final class RegistryFixture implements AutoCloseable {
    static final Platform AMD64 = Platform.parse("linux/amd64");
    static final Platform ARM64 = Platform.parse("linux/arm64");

    final TestRegistry registry = new TestRegistry();
    final RegistryClient client = new RegistryClient(new RegistrySettings(registry.address(), Set.of()),
            Keychain.anonymous(), new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(9), new Random(1),
                    pause -> {}),
            InstantSource.fixed(Instant.EPOCH));

    /** Puts an image whose layers hold these texts, without a tag. */
    RawManifest image(String repository, Platform platform, String... layers) {
        List<Descriptor> blobs = new ArrayList<>();
        List<Digest> diffIds = new ArrayList<>();
        for (String layer : layers) {
            byte[] bytes = bytes(layer);
            blobs.add(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, registry.putBlob(bytes), bytes.length));
            diffIds.add(Digest.sha256(bytes("diff of " + layer)));
        }
        byte[] config = ImageConfigJson.encode(new ImageConfig(platform, Optional.empty(), Optional.empty(),
                RunConfig.EMPTY, diffIds, List.of()));
        registry.putBlob(config);
        RawManifest manifest = RawManifest
            .of(Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, config), blobs));
        registry.putManifest(repository, manifest.digest().toString(), manifest);
        return manifest;
    }

    ImageReference reference(String text) {
        return ImageReference.parse(registry.host() + "/" + text);
    }

    /** How often something was asked for, HEAD included. */
    long requests(String part) {
        return registry.requests().stream().filter(request -> request.contains(part)).count();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
        registry.close();
    }
}
