package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.TarEntry.Kind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LayerTarTest {
    @TempDir
    Path temp;

    @Test
    void copy_compressedLayer_isItsTar() throws IOException {
        byte[] tar = new TestTar().file("f", "content").bytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        LayerTar.copy(new ByteArrayInputStream(TestTar.gzip(tar)), out);

        assertThat(out.toByteArray()).isEqualTo(tar);
    }

    @Test
    void copy_cutShort_fails() throws IOException {
        byte[] layer = TestTar.gzip(new TestTar().file("f", "content").bytes());

        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> LayerTar.copy(new ByteArrayInputStream(Arrays.copyOf(layer, layer.length - 9)),
                    new ByteArrayOutputStream()));
    }

    @Test
    void add_severalLayers_standsInTheirFolders() throws Exception {
        byte[] layer = new TestTar().directory("d", 0700)
            .file("d/f", "content")
            .hardLink("g", "d/f")
            .symlink("s", "/d/f")
            .bytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LayerTar tar = new LayerTar(out);

        tar.add("linux_amd64", Instant.EPOCH, new ByteArrayInputStream(layer));
        tar.add("linux_arm64", Instant.EPOCH, new ByteArrayInputStream(TestTar.gzip(layer)));
        tar.finish();

        FileModel files = new FileModel().apply(out.toByteArray());
        assertThat(files.content("linux_amd64/g")).isEqualTo("content");
        assertThat(Commands.text(temp, out.toByteArray(), "tar", "-tf", "-").lines())
            .containsExactly("linux_amd64/", "linux_amd64/d/", "linux_amd64/d/f", "linux_amd64/g", "linux_amd64/s",
                    "linux_arm64/", "linux_arm64/d/", "linux_arm64/d/f", "linux_arm64/g", "linux_arm64/s");
    }

    @Test
    void extract_withoutDevices_tellsWhatIsLeftOut() throws Exception {
        byte[] layer = new TestTar().file("f", "x")
            .node(Kind.CHARACTER_DEVICE, "null", 1, 3)
            .node(Kind.BLOCK_DEVICE, "disk", 8, 0)
            .bytes();
        List<String> leftOut = new ArrayList<>();

        TreeExtractor.withoutDevices(ExtractLimits.LAYER, Owners.DROP, leftOut::add)
            .extract(new ByteArrayInputStream(layer), temp);

        assertThat(leftOut).containsExactly("null", "disk");
        assertThat(temp.resolve("f")).hasContent("x");
        assertThat(temp.resolve("null")).doesNotExist();
    }
}
