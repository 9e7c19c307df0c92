package dev.kiln.executor.cacheartifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.cachemount.CacheMounts;
import dev.kiln.executor.cachemount.Lent;
import dev.kiln.executor.cachemount.Wanted;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.graph.StepMount.Sharing;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.layercache.registry.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class CacheTransferTest {
    private static final ImageReference TAG = ImageReference.parse("caches/go:main");

    @TempDir
    Path temp;
    private final TestRegistry registry = new TestRegistry();
    private final AtomicInteger names = new AtomicInteger();
    private final List<String> notices = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private Executor one;
    private Executor two;

    /** What one executor has. */
    private final class Executor implements AutoCloseable {
        final InMemoryContentStore content = new InMemoryContentStore();
        final LayerPacker packer = new LayerPacker(content, 1);
        final AtomicInteger packed = new AtomicInteger();
        final RegistryClient client = new RegistryClient(new RegistrySettings(registry.address(), Set.of()),
                Keychain.anonymous(), new RetryPolicy(2, Duration.ofSeconds(1), Duration.ofSeconds(9), new Random(1),
                        pause -> {}),
                () -> now);
        final CacheMounts caches;
        final CacheExporter exporter;
        private final Owner me;

        Executor(String name) throws IOException {
            caches = CacheMounts.open(temp.resolve(name), () -> "c" + names.incrementAndGet(), () -> now);
            exporter = new CacheExporter(caches, directory -> {
                packed.incrementAndGet();
                return packer.packTree(directory, Compression.ZSTD);
            }, content, client, () -> now, Duration.ZERO);
            me = Posix.lstat(RawPath.of(temp)).owner();
        }

        Lent lend(String id, String origin) throws Exception {
            WarmCaches warm = new WarmCaches(client, content, List.of(TAG), notices::add);
            return caches.lend(List.of(new Wanted(id, origin, Sharing.SHARED, false,
                    new Permissions(0755, me.uid(), me.gid()), warm.beginning(id, origin, into -> {
                        Files.writeString(into.resolve("otherwise"), "x");
                        return Optional.empty();
                    }))));
        }

        void write(String id, String file, String text) throws Exception {
            try (Lent lent = lend(id, "")) {
                Files.writeString(lent.directory(0).resolve(file), text);
            }
        }

        void export(String... ids) throws Exception {
            exporter.upload(TAG, new LinkedHashSet<>(List.of(ids)), notices::add).publish();
        }

        @Override
        public void close() throws IOException {
            caches.close();
            client.close();
            packer.close();
        }
    }

    @BeforeEach
    void open() throws IOException {
        one = new Executor("one");
        two = new Executor("two");
    }

    @AfterEach
    void close() throws IOException {
        one.close();
        two.close();
        registry.close();
    }

    private RawManifest tag() {
        return registry.manifest("caches/go", "main").orElseThrow();
    }

    private long manifestsPut() {
        return registry.requests().stream().filter(request -> request.matches("PUT /v2/[^ ]*/manifests/.*")).count();
    }

    @Test
    void cache_ofOneExecutor_isWhatAnotherBeginsWith() throws Exception {
        try (Lent lent = one.lend("/a", "")) {
            Files.createDirectory(lent.directory(0).resolve("d"));
            Files.writeString(lent.directory(0).resolve("d/f"), "content");
            Posix.chmod(RawPath.of(lent.directory(0)), 01700);
        }
        one.export("/a");
        notices.clear();
        try (Lent lent = two.lend("/a", "")) {
            assertThat(lent.directory(0).resolve("d/f")).hasContent("content");
            assertThat(Posix.lstat(RawPath.of(lent.directory(0))).mode()).isEqualTo(01700);
        }
        assertThat(notices).singleElement()
            .asString()
            .startsWith("the new cache a begins with what caches/go:main has of it");
    }

    @Test
    void artifact_isAManifestWithItsTypeAndAnEmptyConfiguration() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        Manifest manifest = (Manifest) tag().parse();
        assertThat(manifest.artifactType()).contains("application/vnd.kiln.cachemount.v1");
        assertThat(manifest.config()).isEqualTo(Descriptor.of(MediaTypes.OCI_EMPTY, "{}".getBytes()));
        assertThat(registry.blob(manifest.config().digest())).isPresent();
        assertThat(manifest.layers()).singleElement().satisfies(layer -> {
            assertThat(layer.mediaType()).isEqualTo(MediaTypes.OCI_LAYER_ZSTD);
            assertThat(layer.annotations()).containsEntry("dev.kiln.cachemount.id", "/a")
                .containsEntry("dev.kiln.cachemount.packed", "2026-01-02T03:04:05Z");
        });
    }

    @Test
    void cache_thatIsThereAlready_staysAsItIs_andAsksNobody() throws Exception {
        one.write("/a", "f", "theirs");
        one.export("/a");
        two.caches
            .lend(List.of(new Wanted("/a", "", Sharing.SHARED, false,
                    new Permissions(0755, two.me.uid(), two.me.gid()), Wanted.NOTHING)))
            .close();
        int before = registry.requests().size();
        try (Lent lent = two.lend("/a", "")) {
            assertThat(lent.directory(0)).isEmptyDirectory();
        }
        assertThat(registry.requests()).hasSize(before);
    }

    @Test
    void cache_thatBeganOtherwise_isAnother() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        try (Lent lent = two.lend("/a", "sha256:other")) {
            assertThat(lent.directory(0).toFile().list()).containsExactly("otherwise");
        }
    }

    @Test
    void artifactThatIsMissing_isANotice() throws Exception {
        two.write("/a", "f", "1");
        assertThat(notices).singleElement().asString().startsWith("no cache mounts from caches/go:main: ");
    }

    private void replaceLayer(byte[] bytes, Digest named) {
        Manifest manifest = (Manifest) tag().parse();
        Descriptor layer = manifest.layers().getFirst();
        Digest real = registry.putBlob(bytes);
        registry.add(exchange -> {
            if (!exchange.getRequestMethod().equals("GET")
                    || !exchange.getRequestURI().getPath().endsWith("/blobs/" + named)) {
                return false;
            }
            byte[] sent = registry.blob(real).orElseThrow();
            exchange.sendResponseHeaders(200, sent.length);
            exchange.getResponseBody().write(sent);
            return true;
        });
        Descriptor other = new Descriptor(layer.mediaType(), named, bytes.length, layer.annotations(),
                Optional.empty(), Optional.empty());
        registry.putManifest("caches/go", "main", RawManifest.of(new Manifest(manifest.mediaType(), manifest.config(),
                List.of(other), manifest.annotations(), manifest.artifactType(), manifest.subject())));
    }

    private void assertBeginsOtherwise(String why) throws Exception {
        notices.clear();
        try (Lent lent = two.lend("/a", "")) {
            assertThat(lent.directory(0).toFile().list()).containsExactly("otherwise");
        }
        assertThat(notices).singleElement().asString().contains("begins without what").contains(why);
    }

    private byte[] tar(Path directory, String... command) throws Exception {
        Process tar = new ProcessBuilder(command).directory(directory.toFile()).start();
        try (InputStream out = tar.getInputStream()) {
            byte[] bytes = out.readAllBytes();
            assertThat(tar.waitFor()).isZero();
            return bytes;
        }
    }

    @Test
    void layer_ofOtherBytes_isRefused_andTheCacheBeginsOtherwise() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        replaceLayer("other bytes".getBytes(), ((Manifest) tag().parse()).layers().getFirst().digest());
        assertBeginsOtherwise("digest");
    }

    @Test
    void layer_thatLeadsOut_changesNothingOutside() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        Path deep = Files.createDirectories(temp.resolve("deep/er"));
        Files.writeString(deep.resolve("good"), "x");
        Files.writeString(temp.resolve("deep/outside"), "x");
        byte[] tar = tar(deep, "tar", "-cPf", "-", "good", "../outside");
        replaceLayer(tar, Digest.sha256(tar));
        assertBeginsOtherwise("outside");
        assertThat(temp.resolve("two/new")).isEmptyDirectory();
    }

    @Test
    void layer_ofAnotherTar_isRefused() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        Path other = Files.createDirectory(temp.resolve("other"));
        Files.writeString(other.resolve("good"), "x");
        byte[] tar = tar(other, "tar", "-cf", "-", "good");
        replaceLayer(tar, Digest.sha256(tar));
        assertBeginsOtherwise("its tar has the digest");
    }

    @Test
    void export_ofWhatDidNotChange_packsAndPutsNothing() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        now = now.plusSeconds(60);
        one.write("/b", "f", "1");
        RawManifest before = tag();
        one.export("/a");
        assertThat(one.packed).hasValue(1);
        assertThat(tag()).isEqualTo(before);
        assertThat(manifestsPut()).isEqualTo(1);
    }

    @Test
    void export_ofWhatChanged_replacesIt_andLeavesOtherIds() throws Exception {
        one.write("/a", "f", "1");
        one.write("/b", "f", "b");
        one.export("/a", "/b");
        now = now.plusSeconds(60);
        one.write("/a", "f", "2");
        one.export("/a");
        assertThat(one.packed).hasValue(3);
        try (Lent a = two.lend("/a", ""); Lent b = two.lend("/b", "")) {
            assertThat(a.directory(0).resolve("f")).hasContent("2");
            assertThat(b.directory(0).resolve("f")).hasContent("b");
        }
        assertThat(((Manifest) tag().parse()).layers()).hasSize(2);
    }

    @Test
    void export_toARegistryThatLostABlob_leavesItOutOrPacksItAgain() throws Exception {
        one.write("/a", "f", "1");
        one.write("/b", "f", "b");
        one.export("/a", "/b");
        CacheArtifact artifact = CacheArtifact.of(tag().parse());
        for (CacheArtifact.Entry entry : artifact.entries()) {
            one.content.delete(entry.blob().digest());
            registry.fail(1, "HEAD", entry.blob().digest().toString(), 404, java.util.Map.of());
        }
        one.export("/a");
        assertThat(one.packed).hasValue(3);
        assertThat(CacheArtifact.of(tag().parse()).entries()).extracting(CacheArtifact.Entry::id)
            .containsExactly("/a");
    }

    @Test
    void export_ofWhatAStepHas_isLeftToTheNext_andTheArtifactStays() throws Exception {
        one.write("/a", "f", "1");
        one.export("/a");
        notices.clear();
        try (Lent lent = one.lend("/a", "")) {
            Files.writeString(lent.directory(0).resolve("f"), "half");
            one.export("/a", "/none");
        }
        assertThat(notices).containsExactly("the cache a is not exported: steps still use it",
                "the cache none is not exported: this executor has none of this id");
        try (Lent lent = two.lend("/a", "")) {
            assertThat(lent.directory(0).resolve("f")).hasContent("1");
        }
    }

    @Test
    void upload_givesNoName_untilItIsPublished() throws Exception {
        one.write("/a", "f", "1");
        CacheExporter.Uploaded uploaded = one.exporter.upload(TAG, Set.of("/a"), notices::add);
        assertThat(registry.manifest("caches/go", "main")).isEmpty();
        uploaded.publish();
        assertThat(registry.manifest("caches/go", "main")).isPresent();
    }

    @Test
    void tagOfAnImage_isNotReplaced() throws Exception {
        one.write("/a", "f", "1");
        RawManifest image = RawManifest.of(Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, new byte[1]), List.of()));
        registry.putManifest("caches/go", "main", image);
        assertThatThrownBy(() -> one.export("/a")).isInstanceOf(IOException.class)
            .hasMessageContaining("must not be replaced: it is no artifact of cache mounts");
        assertThat(tag()).isEqualTo(image);
    }

    @Test
    void registryThatRefuses_failsTheExport_andTheCacheIsGivenBack() throws Exception {
        one.write("/a", "f", "1");
        registry.fail(9, "POST", "/blobs/uploads/", 403, java.util.Map.of());
        assertThatThrownBy(() -> one.export("/a")).isInstanceOf(RegistryException.class);
        assertThat(one.caches.list()).noneMatch(cache -> cache.lent());
    }
}
