package dev.kiln.cli.output;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.ContextWriter;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.layercache.oci.RawManifest;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.Repository;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.layercache.registry.TestRegistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Outputs made of what a registry has. */
class OutputWriterTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_000_000_000);

    @TempDir
    Path folder;

    private final TestRegistry registry = new TestRegistry();
    private final RegistryClient client = new RegistryClient(new RegistrySettings(registry.address(), Set.of()),
            Keychain.anonymous(), new RetryPolicy(1, Duration.ZERO, Duration.ZERO, new Random(1), pause -> {}),
            InstantSource.fixed(Instant.EPOCH));
    private final Repository kept = client.repository(ImageReference.parse("builds/x"));
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void close() {
        client.close();
        registry.close();
    }

    private interface Filling {
        void fill(ContextWriter tar) throws IOException;
    }

    private static byte[] layer(Filling filling) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            ContextWriter tar = new ContextWriter(gzip);
            filling.fill(tar);
            tar.finish();
        }
        return bytes.toByteArray();
    }

    private static void file(ContextWriter tar, String name, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        tar.file(name, 0640, TIME, bytes.length, new ByteArrayInputStream(bytes));
    }

    private Descriptor image(byte[] layer) throws Exception {
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        registry.putBlob(layer);
        registry.putBlob(config);
        RawManifest manifest = RawManifest.of(Manifest.of(Descriptor.of(MediaTypes.OCI_CONFIG, config),
                List.of(Descriptor.of(MediaTypes.OCI_LAYER_GZIP, layer))));
        kept.putManifest(manifest.digest().toString(), manifest);
        return manifest.descriptor();
    }

    private Descriptor index(Map<String, Descriptor> images) throws Exception {
        List<Descriptor> all = new ArrayList<>();
        images.forEach((platform, image) -> all.add(new Descriptor(image.mediaType(), image.digest(), image.size(),
                Map.of(), Optional.of(Platform.parse(platform)), Optional.empty())));
        RawManifest index = RawManifest.of(ImageIndex.of(all));
        kept.putManifest(index.digest().toString(), index);
        return index.descriptor();
    }

    private void write(Descriptor image, String words) throws Exception {
        new OutputWriter(kept, image, told::add).write(new OutputReader(List.of()).read(words).here());
    }

    private String listing(Path tar) throws Exception {
        Process process = new ProcessBuilder("tar", "-tf", tar.toString()).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> !path.equals(folder))
                .map(path -> folder.relativize(path).toString())
                .sorted()
                .toList();
        }
    }

    @Test
    void archive_forDocker_isALayoutWithDockersManifest() throws Exception {
        Descriptor image = image(layer(tar -> file(tar, "a", "1")));
        Path out = folder.resolve("sub/image.tar");

        write(image, "type=docker,dest=" + out + ",\"name=app,host.example/team/app:2\"");
        byte[] first = Files.readAllBytes(out);
        write(image, "type=docker,dest=" + out + ",\"name=app,host.example/team/app:2\"");

        assertThat(Files.readAllBytes(out)).isEqualTo(first);
        assertThat(listing(out).lines()).startsWith("blobs/", "blobs/sha256/")
            .endsWith("index.json", "manifest.json", "oci-layout")
            .hasSize(2 + 3 + 3);
        assertThat(new String(first, StandardCharsets.UTF_8))
            .contains("\"RepoTags\":[\"app:latest\",\"host.example/team/app:2\"]")
            .contains("\"io.containerd.image.name\":\"docker.io/library/app:latest\"")
            .contains("\"org.opencontainers.image.ref.name\":\"2\"");
        assertThat(names(folder)).containsExactly("sub", "sub/image.tar");
    }

    @Test
    void archive_ofAnIndex_hasAllImages() throws Exception {
        Descriptor index = index(Map.of("linux/amd64", image(layer(tar -> file(tar, "a", "1"))), "linux/arm64",
                image(layer(tar -> file(tar, "a", "2")))));
        Path out = folder.resolve("image.tar");

        write(index, "type=oci,dest=" + out);

        assertThat(listing(out).lines()).hasSize(2 + 1 + 2 + 2 + 1 + 2).doesNotContain("manifest.json");
    }

    @Test
    void archive_layerIsGone_leavesNoFileAndTheOldOne() throws Exception {
        byte[] layer = layer(tar -> file(tar, "a", "1"));
        Descriptor image = image(layer);
        registry.fail(99, "GET", "/v2/builds/x/blobs/sha256:", 404, Map.of());
        Path out = folder.resolve("image.tar");
        Files.writeString(out, "old");

        assertThatThrownBy(() -> write(image, "type=oci,dest=" + out)).isInstanceOf(IOException.class)
            .hasMessageContaining("writing the output to " + out);

        assertThat(out).hasContent("old");
        assertThat(names(folder)).containsExactly("image.tar");
    }

    @Test
    void layout_keepsImagesOfOtherNames() throws Exception {
        Path out = folder.resolve("layout");

        write(image(layer(tar -> file(tar, "a", "1"))), "type=oci,tar=false,name=app:1,dest=" + out);
        write(image(layer(tar -> file(tar, "a", "2"))), "type=oci,tar=false,name=app:2,dest=" + out);
        write(image(layer(tar -> file(tar, "a", "3"))), "type=oci,tar=false,name=app:1,dest=" + out);

        String index = Files.readString(out.resolve("index.json"));
        assertThat(index).containsOnlyOnce("docker.io/library/app:1").containsOnlyOnce("docker.io/library/app:2");
    }

    @Test
    void tar_ofFiles_isTheLayersTar() throws Exception {
        Path out = folder.resolve("files.tar");

        write(image(layer(tar -> file(tar, "a", "1"))), "type=tar,dest=" + out);

        assertThat(listing(out)).isEqualTo("a\n");
    }

    @Test
    void tar_ofSeveralPlatforms_hasAFolderForEach() throws Exception {
        Path out = folder.resolve("files.tar");

        write(index(Map.of("linux/arm/v7", image(layer(tar -> file(tar, "a", "1"))))), "type=tar,dest=" + out);

        assertThat(listing(out).lines()).containsExactly("linux_arm_v7/", "linux_arm_v7/a");
    }

    @Test
    void folder_mergesWithWhatIsThere() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out/d"));
        Files.writeString(out.resolve("mine"), "mine");
        Files.writeString(out.resolve("both"), "mine");
        Files.createDirectories(folder.resolve("out/file/sub"));
        Files.writeString(folder.resolve("out/dir"), "a file");
        byte[] layer = layer(tar -> {
            tar.directory("d", 0500, TIME);
            file(tar, "d/both", "image");
            file(tar, "file", "f");
            tar.directory("dir", 0755, TIME);
            file(tar, "dir/x", "x");
            tar.symlink("link", "/etc/passwd", TIME);
        });

        write(image(layer), "type=local,dest=" + folder.resolve("out"));

        assertThat(names(folder.resolve("out"))).containsExactly("d", "d/both", "d/mine", "dir", "dir/x", "file",
                "link");
        assertThat(out.resolve("both")).hasContent("image");
        assertThat(out.resolve("mine")).hasContent("mine");
        assertThat(Files.getLastModifiedTime(out).toInstant()).isEqualTo(TIME);
        assertThat(Files.readSymbolicLink(folder.resolve("out/link"))).hasToString("/etc/passwd");
    }

    @Test
    void folder_linksInTheWay_areNeverFollowed() throws Exception {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Path out = Files.createDirectory(folder.resolve("out"));
        Files.createSymbolicLink(out.resolve("d"), outside);
        byte[] layer = layer(tar -> {
            tar.directory("d", 0755, TIME);
            file(tar, "d/x", "x");
            tar.symlink("up", "../outside", TIME);
            file(tar, "up/y", "y");
        });

        write(image(layer), "type=local,dest=" + out);

        assertThat(names(outside)).isEmpty();
        assertThat(names(out)).containsExactly("d", "d/x", "outside", "outside/y", "up");
        assertThat(out.resolve("d")).isDirectory();
        assertThat(Files.isSymbolicLink(out.resolve("d"))).isFalse();
    }

    @Test
    void folder_ofSeveralPlatforms_hasAFolderForEach() throws Exception {
        Path out = folder.resolve("out");

        write(index(Map.of("linux/amd64", image(layer(tar -> file(tar, "a", "1"))))), "type=local,dest=" + out);

        assertThat(names(out)).containsExactly("linux_amd64", "linux_amd64/a");
    }
}
