package dev.kiln.executor.mount;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.layercache.posix.Errno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("privileged")
class LinuxMounterIT {
    @TempDir
    Path temporary;

    private Path dir;
    private Path target;
    private LinuxMounter mounter;

    @BeforeEach
    void setUp() throws IOException {
        dir = temporary.toRealPath();
        target = Files.createDirectory(dir.resolve("target"));
        mounter = LinuxMounter.probe(dir);
    }

    @AfterEach
    void nothingStaysMounted() throws IOException {
        assertThat(LinuxMounter.mountsBelow(dir)).isEmpty();
    }

    private Path layer(String name, String... files) throws IOException {
        Path layer = Files.createDirectories(dir.resolve(name));
        for (String file : files) {
            Files.writeString(layer.resolve(file), name);
        }
        return layer;
    }

    @Test
    void probe_leavesItsScratchAsItWas() throws IOException {
        try (var left = Files.list(dir)) {
            assertThat(left).containsExactly(target);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void overlay_topLayerWinsAndWritesGoToTheUpper(boolean layerByLayer) throws IOException {
        Path upper = layer("upper");
        Mount overlay = new Mount.Overlay(List.of(layer("top", "a"), layer("base", "a", "b")), upper, layer("work"));

        try (Mounted mounted = new LinuxMounter(layerByLayer).mount(overlay, target)) {
            assertThat(mounted.target().resolve("a")).hasContent("top");
            assertThat(mounted.target().resolve("b")).hasContent("base");
            Files.writeString(target.resolve("c"), "new");
        }

        assertThat(upper.resolve("c")).hasContent("new");
        assertThat(target).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void overlay_oddNamesOfLayers_areNoOptions(boolean layerByLayer) throws IOException {
        String odd = "od:d,upperdir=x\\ é" + "y".repeat(200);
        Mount overlay = new Mount.Overlay(List.of(layer(odd, "a"), layer("base", "b")), layer(odd + "u"),
                layer(odd + "w"));

        try (Mounted mounted = new LinuxMounter(layerByLayer).mount(overlay, target)) {
            assertThat(mounted.target().resolve("a")).hasContent(odd);
            assertThat(mounted.target().resolve("b")).hasContent("base");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 500})
    void overlay_manyLayersWithLongPaths_areAllSeen(int count) throws IOException {
        Path deep = Files.createDirectories(dir.resolve("d".repeat(120)));
        List<Path> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path layer = Files.createDirectory(deep.resolve("layer-" + i));
            Files.createFile(layer.resolve("file-" + i));
            layers.add(layer);
        }
        Collections.reverse(layers);

        try (Mounted mounted = mounter.mount(new Mount.Overlay(layers, layer("upper"), layer("work")), target);
                var seen = Files.list(mounted.target())) {
            assertThat(seen).hasSize(count);
        }
    }

    @Test
    void overlay_atOnceWithTooManyLayersForAPage_saysSo() throws IOException {
        List<Path> layers = Collections.nCopies(300, layer("base"));

        assertThatExceptionOfType(MountException.class)
            .isThrownBy(() -> new LinuxMounter(false).mount(new Mount.ReadOnlyOverlay(layers), target))
            .withMessageContaining("one page")
            .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.E2BIG));
    }

    @Test
    void overlay_moreLayersThanTheKernelTakes_saysSo() throws IOException {
        List<Path> layers = Collections.nCopies(501, layer("base"));

        assertThatExceptionOfType(MountException.class)
            .isThrownBy(() -> mounter.mount(new Mount.ReadOnlyOverlay(layers), target))
            .withMessageContaining("501 layers");
    }

    @Test
    void overlay_missingLayer_isNamed() throws IOException {
        Mount overlay = new Mount.ReadOnlyOverlay(List.of(layer("a"), dir.resolve("gone")));

        assertThatExceptionOfType(MountException.class).isThrownBy(() -> mounter.mount(overlay, target))
            .withMessageContaining(dir.resolve("gone").toString());
    }

    @Test
    void overlay_refusedByTheFilesystem_hasTheKernelsWords() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        Mount overlay = new Mount.Overlay(List.of(file), layer("upper"), layer("work"));

        assertThatExceptionOfType(MountException.class).isThrownBy(() -> mounter.mount(overlay, target))
            .withMessageContaining("the kernel says")
            .withMessageContaining("not a directory");
    }

    @Test
    void readOnlyOverlay_refusesWrites() throws IOException {
        try (Mounted mounted = mounter.mount(new Mount.ReadOnlyOverlay(List.of(layer("a", "f"), layer("b", "g"))),
                target)) {
            assertThat(mounted.target().resolve("g")).hasContent("b");
            assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> Files.createFile(target.resolve("h")))
                .withMessageContaining("Read-only");
        }
    }

    @Test
    void readOnlyOverlay_ofOneLayer_showsIt() throws IOException {
        try (Mounted mounted = mounter.mount(new Mount.ReadOnlyOverlay(List.of(layer("a", "f"))), target)) {
            assertThat(mounted.target().resolve("f")).hasContent("a");
            assertThatExceptionOfType(FileSystemException.class).isThrownBy(() -> Files.delete(target.resolve("f")));
        }
    }

    @Test
    void bind_writable_writesToTheSource() throws IOException {
        Path source = layer("source");
        try (Mounted mounted = mounter.mount(new Mount.Bind(source, false), target)) {
            Files.writeString(mounted.target().resolve("f"), "written");
        }

        assertThat(source.resolve("f")).hasContent("written");
    }

    @Test
    void close_whileAFileIsOpen_detaches() throws IOException {
        Mounted mounted = mounter.mount(new Mount.Overlay(List.of(layer("a", "f")), layer("u"), layer("w")), target);
        try (var open = Files.newInputStream(target.resolve("f"))) {
            mounted.close();

            assertThat(LinuxMounter.mountsBelow(dir)).isEmpty();
            assertThat(open.read()).isEqualTo('a');
        }
    }

    @Test
    void unmountAll_takesNestedMountsDown() throws IOException {
        var outer = mounter.mount(new Mount.Bind(layer("a"), false), target);
        Files.createDirectory(target.resolve("inner"));
        var inner = mounter.mount(new Mount.Bind(layer("b"), false), target.resolve("inner"));
        var over = mounter.mount(new Mount.Bind(layer("c"), false), target);

        assertThat(LinuxMounter.mountsBelow(dir)).containsExactly(outer.target(), inner.target(), over.target());
        assertThat(LinuxMounter.unmountAll(dir)).isEqualTo(3);
    }

    @Test
    void isolate_keepsMountsOutOfOtherNamespaces() throws Exception {
        Path shared = layer("shared");
        Path inner = Files.createDirectory(shared.resolve("inner"));
        Mounted outer = mounter.mount(new Mount.Bind(shared, false), shared);
        assertThat(new ProcessBuilder("mount", "--make-shared", shared.toString()).start().waitFor()).isZero();
        assertThat(MountTable.read().showing(inner).orElseThrow().shared()).isTrue();

        LinuxMounter.isolate(inner);
        LinuxMounter.isolate(inner);

        assertThat(LinuxMounter.mountsBelow(inner)).containsExactly(inner);
        Path below = Files.createDirectory(inner.resolve("below"));
        try (Mounted mounted = mounter.mount(new Mount.Bind(layer("a", "f"), false), below)) {
            assertThat(MountTable.read().showing(mounted.target()).orElseThrow().shared()).isFalse();
        }
        assertThat(LinuxMounter.unmountAll(outer.target())).isEqualTo(2);
    }
}
