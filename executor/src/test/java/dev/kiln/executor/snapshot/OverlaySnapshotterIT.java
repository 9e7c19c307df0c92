package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.snapshot.Snapshotter.Active;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerExtractor;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("privileged")
class OverlaySnapshotterIT extends SnapshotterContract {

    @Override
    OverlaySnapshotter open(Path directory, LayerUnpacker unpacker) throws IOException {
        return OverlaySnapshotter.open(directory, unpacker, () -> UUID.randomUUID().toString());
    }

    @Override
    void close(Snapshotter snapshotter) throws IOException {
        ((OverlaySnapshotter) snapshotter).close();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        close(snapshots);
        assertThat(LinuxMounter.mountsBelow(directory)).isEmpty();
        for (String unfinished : List.of("active", "staging", "trash")) {
            assertThat(directory.resolve(unfinished)).isEmptyDirectory();
        }
        snapshots = open(directory, layers);
    }

    @Test
    void commit_leavesNothingOfTheOverlayBesideTheLayer() throws IOException {
        String step = step(List.of(unpack("file a 1")), "b", "2");

        assertThat(names(snapshots.directory(step).getParent())).containsExactly("fs");
        assertThat(Posix.lstat(RawPath.of(snapshots.directory(step))).owner()).isEqualTo(Owner.ROOT);
    }

    @Test
    void root_timeOfTheStackIsKept() throws IOException {
        String base = unpack("root 755");
        Instant time = Instant.parse("2001-02-03T04:05:06Z");
        Posix.setModified(RawPath.of(snapshots.directory(base)), time);

        try (Active active = snapshots.begin(List.of(base, unpack("file a 1")))) {
            assertThat(Posix.lstat(RawPath.of(active.root())).modified()).isEqualTo(time);
        }
    }

    @Test
    void begin_on200Layers_showsThemAll() throws IOException {
        List<String> stack = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            stack.add(unpack("file f" + i + " " + i));
        }

        try (Active active = snapshots.begin(stack)) {
            assertThat(names(active.root())).hasSize(200);
        }
    }

    @Test
    void commit_closesUnderAnOpenFile() throws IOException {
        String step;
        try (Active active = snapshots.begin(List.of(unpack("file a 1")))) {
            Files.writeString(active.root().resolve("b"), "2");
            try (var open = Files.newInputStream(active.root().resolve("b"))) {
                step = active.commit();
                assertThat(open.read()).isEqualTo('2');
            }
        }

        assertThat(show(List.of(step))).isEqualTo("b=2");
    }

    @Test
    void open_twice_isRefused() {
        assertThatExceptionOfType(SnapshotException.class).isThrownBy(() -> open(directory, layers))
            .satisfies(e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.IN_USE));
    }

    @Test
    void open_afterAnotherBoot_forgetsWhatWasNotSynced() throws IOException {
        String synced = step(List.of(), "a", "1");
        String notSynced = step(List.of(), "b", "1");
        snapshots.sync(synced);
        close(snapshots);
        Files.writeString(directory.resolve("boot"), "another boot");

        snapshots = open(directory, layers);

        assertThat(snapshots.exists(synced)).isTrue();
        assertThat(snapshots.exists(notSynced)).isFalse();
    }

    /** A child JVM has a step running, a view open and a layer half unpacked when it is killed. */
    @Test
    void open_afterAKill_cleansMountsAndHalfMadeThings() throws Exception {
        close(snapshots);
        Process child = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                Abandoner.class.getName(), directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        String ready = child.inputReader().readLine();
        assertThat(ready).isEqualTo("ready");
        assertThat(LinuxMounter.mountsBelow(directory)).hasSize(2);
        child.destroyForcibly();
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();

        snapshots = open(directory, layers);

        assertThat(LinuxMounter.mountsBelow(directory)).isEmpty();
        assertThat(names(directory.resolve("active"))).isEmpty();
        assertThat(names(directory.resolve("staging"))).isEmpty();
        assertThat(show(List.of(Snapshotter.nameOf(TextLayers.layer("file a 1").diffId())))).isEqualTo("a=1");
    }

    @Test
    void unpack_byTheExtractor_keepsTheLookOfTheRoot() throws Exception {
        Path source = Files.createDirectory(temporary.resolve("source"));
        Files.writeString(source.resolve("a"), "1");
        Instant time = Instant.parse("2001-02-03T04:05:06Z");
        Posix.chmod(RawPath.of(source), 01777);
        Posix.chown(RawPath.of(source), new Owner(5, 6));
        Posix.setModified(RawPath.of(source), time);
        Path tar = temporary.resolve("layer.tar");
        assertThat(new ProcessBuilder("tar", "-cf", tar.toString(), "-C", source.toString(), ".").start().waitFor())
            .isZero();
        close(snapshots);
        snapshots = open(directory, LayerUnpacker.by(new LayerExtractor(ExtractLimits.LAYER, Owners.KEEP)));

        String name = snapshots.unpack(Digest.sha256(Files.readAllBytes(tar)), () -> Files.newInputStream(tar));

        try (Active active = snapshots.begin(List.of(name, step(List.of(), "b", "2")))) {
            FileStat root = Posix.lstat(RawPath.of(active.root()));
            assertThat(root.mode()).isEqualTo(01777);
            assertThat(root.owner()).isEqualTo(new Owner(5, 6));
            assertThat(root.modified()).isEqualTo(time);
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).toList();
        }
    }

    /** Main of the child JVM. */
    static final class Abandoner {
        private Abandoner() {}

        @SuppressWarnings("resource") // it is killed with all of these open
        public static void main(String[] args) throws Exception {
            OverlaySnapshotter snapshots = OverlaySnapshotter.open(Path.of(args[0]), new TextLayers(),
                    () -> UUID.randomUUID().toString());
            TextLayers.Layer layer = TextLayers.layer("file a 1");
            String base = snapshots.unpack(layer.diffId(), layer);
            var active = snapshots.begin(List.of(base));
            Files.writeString(active.root().resolve("b"), "2");
            var view = snapshots.view(List.of(base));
            if (Files.exists(view.target().resolve("a"))) {
                snapshots.unpack(TextLayers.layer("file c 3").diffId(), () -> {
                    System.out.println("ready");
                    return System.in;
                });
            }
        }
    }
}
