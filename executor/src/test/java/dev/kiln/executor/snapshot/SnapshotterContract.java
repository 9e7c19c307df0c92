package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.snapshot.Snapshotter.Active;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/** What every snapshotter promises. */
abstract class SnapshotterContract {
    @TempDir
    Path temporary;

    final TextLayers layers = new TextLayers();
    Path directory;
    Snapshotter snapshots;

    /** Opens the snapshots in a directory, new or used before. */
    abstract Snapshotter open(Path directory, LayerUnpacker unpacker) throws IOException;

    /** Ends the use of the directory, for another {@link #open}. */
    abstract void close(Snapshotter snapshotter) throws IOException;

    @BeforeEach
    void openFirst() throws IOException {
        directory = temporary.toRealPath().resolve("snapshots-of-test");
        snapshots = open(directory, layers);
    }

    @AfterEach
    void closeLast() throws IOException {
        close(snapshots);
    }

    String unpack(String... lines) throws IOException {
        TextLayers.Layer layer = TextLayers.layer(lines);
        return snapshots.unpack(layer.diffId(), layer);
    }

    /** A step that writes one file. */
    String step(List<String> stack, String file, String content) throws IOException {
        try (Active active = snapshots.begin(stack)) {
            Files.writeString(active.root().resolve(file), content);
            return active.commit();
        }
    }

    /** What a stack shows: regular files with their content. */
    String show(List<String> stack) throws IOException {
        try (Mounted view = snapshots.view(stack); Stream<Path> files = Files.walk(view.target())) {
            return files.filter(Files::isRegularFile)
                .map(f -> view.target().relativize(f) + "=" + read(f))
                .sorted()
                .collect(Collectors.joining(" "));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void unpack_isKeptUnderTheDiffId() throws IOException {
        TextLayers.Layer layer = TextLayers.layer("file a 1");

        String name = snapshots.unpack(layer.diffId(), layer);

        assertThat(name).isEqualTo(Snapshotter.nameOf(layer.diffId()));
        assertThat(snapshots.exists(name)).isTrue();
        assertThat(show(List.of(name))).isEqualTo("a=1");
    }

    @Test
    void unpack_again_doesNotOpenTheLayer() throws IOException {
        TextLayers.Layer layer = TextLayers.layer("file a 1");
        String name = snapshots.unpack(layer.diffId(), layer);

        assertThat(snapshots.unpack(layer.diffId(), () -> {
            throw new AssertionError("opened");
        })).isEqualTo(name);
    }

    @Test
    void unpack_manyAtATime_unpacksOnce() throws Exception {
        Callable<String> one = () -> unpack("file a 1");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var names = threads.invokeAll(java.util.Collections.nCopies(20, one));
            for (var name : names) {
                assertThat(snapshots.exists(name.get())).isTrue();
            }
        }

        assertThat(layers.unpacked).hasValue(1);
    }

    @Test
    void unpack_otherContentThanPromised_keepsNothing() {
        TextLayers.Layer promised = TextLayers.layer("file a 1");
        TextLayers.Layer sent = TextLayers.layer("file a 2");

        assertThatIOException().isThrownBy(() -> snapshots.unpack(promised.diffId(), sent))
            .withMessageContaining(promised.diffId().toString())
            .withMessageContaining(sent.diffId().toString());
        assertThat(snapshots.exists(Snapshotter.nameOf(promised.diffId()))).isFalse();
        assertThat(snapshots.exists(Snapshotter.nameOf(sent.diffId()))).isFalse();
    }

    @Test
    void unpack_failed_leavesNothingAndCanBeTriedAgain() throws IOException {
        TextLayers.Layer broken = TextLayers.layer("file a 1", "fail here");

        assertThatIOException().isThrownBy(() -> snapshots.unpack(broken.diffId(), broken)).withMessage("fail here");
        assertThatIOException().isThrownBy(() -> snapshots.unpack(broken.diffId(), () -> {
            throw new IOException("unreachable");
        })).withMessage("unreachable");
        assertThat(snapshots.exists(Snapshotter.nameOf(broken.diffId()))).isFalse();
    }

    @Test
    void view_upperLayersWinAndHide() throws IOException {
        String base = unpack("file a 1", "file b 1", "file d/c 1");
        String top = unpack("file b 2", "whiteout a", "file d/e 2");

        assertThat(show(List.of(base, top))).isEqualTo("b=2 d/c=1 d/e=2");
        assertThat(show(List.of(base))).isEqualTo("a=1 b=1 d/c=1");
        assertThat(show(List.of(top))).isEqualTo("b=2 d/e=2");
    }

    @Test
    void view_ofNothing_isEmpty() throws IOException {
        assertThat(show(List.of())).isEmpty();
    }

    @Test
    void view_ofUnknownSnapshot_isRefusedByName() {
        assertThatIOException().isThrownBy(() -> snapshots.view(List.of("nobody"))).withMessageContaining("nobody");
        assertThatIOException().isThrownBy(() -> snapshots.begin(List.of("nobody"))).withMessageContaining("nobody");
    }

    @Test
    void commit_keepsOnlyWhatTheStepWrote() throws IOException {
        String base = unpack("file a 1", "file b 1");

        String step = step(List.of(base), "b", "2");

        assertThat(show(List.of(base, step))).isEqualTo("a=1 b=2");
        assertThat(show(List.of(step))).isEqualTo("b=2");
        assertThat(show(List.of(base))).isEqualTo("a=1 b=1");
        assertThat(snapshots.directory(step).resolve("b")).hasContent("2");
        assertThat(snapshots.directory(step).resolve("a")).doesNotExist();
    }

    @Test
    void commit_ofADeletion_isAWhiteout() throws IOException {
        String base = unpack("file a 1", "file b 1");
        String step;
        try (Active active = snapshots.begin(List.of(base))) {
            Files.delete(active.root().resolve("a"));
            step = active.commit();
        }

        assertThat(Posix.lstat(RawPath.of(snapshots.directory(step).resolve("a"))).type())
            .isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(show(List.of(base, step))).isEqualTo("b=1");
    }

    @Test
    void commit_namesAreFresh() throws IOException {
        String one = step(List.of(), "a", "1");
        String two = step(List.of(), "a", "2");

        assertThat(one).isNotEqualTo(two);
        assertThat(show(List.of(one))).isEqualTo("a=1");
    }

    @Test
    void commit_ofAStepThatWroteNothing_isAnEmptyLayer() throws IOException {
        String base = unpack("file a 1");
        try (Active active = snapshots.begin(List.of(base))) {
            String step = active.commit();

            assertThat(snapshots.directory(step)).isEmptyDirectory();
            assertThat(show(List.of(base, step))).isEqualTo("a=1");
        }
    }

    @Test
    void written_showsWhatTheStepWroteSoFar() throws IOException {
        try (Active active = snapshots.begin(List.of(unpack("file a 1")))) {
            Files.writeString(active.root().resolve("b"), "2");

            assertThat(active.written().resolve("b")).hasContent("2");
            assertThat(active.written().resolve("a")).doesNotExist();
        }
    }

    @Test
    void close_uncommitted_throwsTheStepAway() throws IOException {
        Path root;
        try (Active active = snapshots.begin(List.of())) {
            root = active.root();
            Files.writeString(root.resolve("a"), "1");
        }

        assertThat(root).doesNotExist();
    }

    @Test
    void stepsOnOneStack_doNotSeeEachOther() throws IOException {
        String base = unpack("file a 1");
        try (Active one = snapshots.begin(List.of(base)); Active two = snapshots.begin(List.of(base))) {
            Files.writeString(one.root().resolve("a"), "one");
            Files.writeString(two.root().resolve("b"), "two");

            assertThat(two.root().resolve("a")).hasContent("1");
            assertThat(one.root().resolve("b")).doesNotExist();
        }
    }

    @Test
    void root_looksAsTheTopmostLayerThatSaysSo() throws IOException {
        String base = unpack("root 1777", "file a 1");
        String silent = unpack("file b 1");

        String step;
        try (Active active = snapshots.begin(List.of(base, silent));
                Mounted view = snapshots.view(List.of(base, silent))) {
            assertThat(mode(active.root())).isEqualTo(01777);
            assertThat(mode(view.target())).isEqualTo(01777);
            step = active.commit();
        }
        try (Mounted view = snapshots.view(List.of(silent, step))) {
            assertThat(mode(view.target())).as("a step that did not touch it says nothing about it").isEqualTo(0755);
        }
    }

    @Test
    void root_changedByAStep_staysChanged() throws IOException {
        String base = unpack("root 1777");
        String step;
        try (Active active = snapshots.begin(List.of(base))) {
            Posix.chmod(RawPath.of(active.root()), 0711);
            step = active.commit();
        }

        try (Active active = snapshots.begin(List.of(base, step, unpack("file a 1")))) {
            assertThat(mode(active.root())).isEqualTo(0711);
        }
    }

    private static int mode(Path directory) throws IOException {
        return Posix.lstat(RawPath.of(directory)).mode();
    }

    @Test
    void remove_forgetsTheSnapshotOnly() throws IOException {
        String keep = unpack("file a 1");
        String go = unpack("file b 1");

        snapshots.remove(go);
        snapshots.remove(go);

        assertThat(snapshots.exists(go)).isFalse();
        assertThat(snapshots.usage(go)).isEmpty();
        assertThat(show(List.of(keep))).isEqualTo("a=1");
        assertThat(show(List.of(unpack("file b 1")))).isEqualTo("b=1");
    }

    @Test
    void usage_countsFilesOnce() throws IOException {
        String step;
        try (Active active = snapshots.begin(List.of())) {
            Files.write(active.root().resolve("a"), new byte[100_000]);
            Files.createLink(active.root().resolve("b"), active.root().resolve("a"));
            step = active.commit();
        }

        assertThat(snapshots.usage(step).orElseThrow()).isBetween(100_000L, 130_000L);
    }

    @Test
    void sync_smallAndLarge_leavesThemUsable() throws IOException {
        String small = step(List.of(), "a", "1");
        String large;
        try (Active active = snapshots.begin(List.of())) {
            for (int i = 0; i < 100; i++) {
                Files.createFile(active.root().resolve("f" + i));
            }
            large = active.commit();
        }

        snapshots.sync(small);
        snapshots.sync(large);
        snapshots.sync(large);

        assertThat(show(List.of(small))).isEqualTo("a=1");
        assertThatIOException().isThrownBy(() -> snapshots.sync("nobody"));
    }

    @Test
    void names_areNoPaths() {
        for (String name : List.of("", ".", "..", "../x", "a/b", "/etc")) {
            org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .as(name)
                .isThrownBy(() -> snapshots.exists(name));
        }
    }

    @Test
    void reopened_keepsWhatHasAName() throws IOException {
        String base = unpack("file a 1");
        String step = step(List.of(base), "b", "2");

        close(snapshots);
        snapshots = open(directory, layers);

        assertThat(show(List.of(base, step))).isEqualTo("a=1 b=2");
    }
}
