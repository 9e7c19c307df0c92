package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LayerMergeTest {
    private static final MergeRules WHOLE = new MergeRules(true, true, UnaryOperator.identity());
    private static final MergeRules NEW = new MergeRules(false, true, UnaryOperator.identity());

    private final InMemoryBlobs blobs = new InMemoryBlobs();
    private final LayerPacker packer = new LayerPacker(blobs, 2);

    @AfterEach
    void close() {
        packer.close();
    }

    private byte[] merge(MergeRules rules, byte[]... layers) throws IOException {
        List<LayerSource> sources = new ArrayList<>();
        for (byte[] layer : layers) {
            sources.add(() -> new ByteArrayInputStream(layer));
        }
        return blobs.get(packer.merge(sources, rules, Compression.NONE).blob().digest());
    }

    private static List<String> names(byte[] tar) throws IOException {
        List<String> names = new ArrayList<>();
        TarReader reader = new TarReader(new ArchiveInput(new ByteArrayInputStream(tar), 1 << 30), ExtractLimits.LAYER);
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            TarEntry e = entry.get();
            names.add(e.name() + (e.kind() == Kind.DIRECTORY ? "/" : "")
                    + (e.link().isEmpty() ? "" : " -> " + e.link()));
        }
        return names;
    }

    @Test
    void merge_whole_hasWhatIsSeenAndNoDeletions() throws IOException {
        byte[] base = new TestTar().directory("d", 0755).file("d/a", "a").file("d/b", "b").file("gone", "x").bytes();
        byte[] middle = new TestTar().directory("d", 0700)
            .file("d/.wh.a", "")
            .file("d/c", "c")
            .file(".wh.gone", "")
            .bytes();
        byte[] top = new TestTar().file("d/b", "B").bytes();

        byte[] merged = merge(WHOLE, base, middle, top);

        assertThat(names(merged)).containsExactly("d/", "d/c", "d/b");
        FileModel model = new FileModel().apply(merged);
        assertThat(model.content("d/b")).isEqualTo("B");
        assertThat(model.mode("d")).isEqualTo(0700);
    }

    @Test
    void merge_newLayersOnly_keepsDeletionsOfWhatIsBelow() throws IOException {
        byte[] first = new TestTar().file(".wh.base", "").directory("d", 0755).file("d/x", "x").bytes();
        byte[] second = new TestTar().directory("d", 0755).file("d/.wh..wh..opq", "").file("d/y", "y").bytes();

        assertThat(names(merge(NEW, first, second))).containsExactly(".wh.base", "d/", "d/.wh..wh..opq", "d/y");
    }

    @Test
    void merge_fileInPlaceOfDirectory_thenDirectoryAgain_hidesTheFirst() throws IOException {
        byte[] first = new TestTar().directory("p", 0755).file("p/old", "x").bytes();
        byte[] second = new TestTar().file("p", "file").bytes();
        byte[] third = new TestTar().file("p/new", "y").bytes();

        assertThat(names(merge(WHOLE, first, second, third))).containsExactly("p/new");
        assertThat(names(merge(NEW, first, second, third))).containsExactly("p/new", "p/.wh..wh..opq");
    }

    @Test
    void merge_rootOfTheLayers_isThereWhenWanted() throws IOException {
        byte[] tar = new TestTar().directory(".", 0700).file("f", "x").bytes();

        assertThat(names(merge(WHOLE, tar, tar))).containsExactly("./", "f");
        assertThat(names(merge(new MergeRules(true, false, UnaryOperator.identity()), tar))).containsExactly("f");
    }

    @Test
    void merge_nameOfAHardLinkIsHidden_itsContentMovesToTheNext() throws IOException {
        byte[] below = new TestTar().file("a", "content").hardLink("b", "a").hardLink("c", "b").bytes();
        byte[] above = new TestTar().file(".wh.a", "").bytes();

        byte[] merged = merge(WHOLE, below, above);

        assertThat(names(merged)).containsExactly("b", "c -> b");
        assertThat(new FileModel().apply(merged).content("c")).isEqualTo("content");
    }

    @Test
    void merge_entryBelowASymbolicLinkOfItsLayer_standsWhereTheLinkLeads() throws IOException {
        byte[] below = new TestTar().directory("usr", 0755).symlink("lib", "/usr/lib").file("lib/x", "1").bytes();
        byte[] above = new TestTar().directory("usr", 0755).file("usr/lib/x", "2").bytes();

        byte[] merged = merge(WHOLE, below, above);

        assertThat(names(merged)).containsExactly("usr/", "lib -> /usr/lib", "usr/lib/x");
    }

    @Test
    void merge_oneLayer_clampsLaterTimesOnly() throws IOException {
        Instant epoch = TestTar.TIME.minusSeconds(10);
        TestTar tar = new TestTar().file("late", "x");
        tar.file(RawPath.ofUtf8("early"), new byte[0],
                new Attributes(0644, Owner.ROOT, epoch.minusSeconds(5), Map.of("user.k", "v".getBytes(UTF_8))));

        byte[] merged = merge(new MergeRules(false, true, MergeRules.notAfter(epoch)), tar.bytes());

        TarReader reader = new TarReader(new ArchiveInput(new ByteArrayInputStream(merged), 1 << 20),
                ExtractLimits.LAYER);
        assertThat(reader.next().orElseThrow().attributes().modified()).isEqualTo(epoch);
        Attributes early = reader.next().orElseThrow().attributes();
        assertThat(early.modified()).isEqualTo(epoch.minusSeconds(5));
        assertThat(early.xattrs()).containsOnlyKeys("user.k");
    }

    @Test
    void merge_oneLayerWithoutRules_isTheSameTar() throws IOException {
        byte[] tar = new TestTar().directory("d", 0755)
            .file("d/f", "x".repeat(2000))
            .hardLink("g", "d/f")
            .symlink("s", "/nowhere")
            .node(Kind.CHARACTER_DEVICE, "null", 1, 3)
            .file(".wh.gone", "")
            .bytes();

        assertThat(merge(NEW, tar)).isEqualTo(tar);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../out", "a/../../out"})
    void merge_nameOutOfTheRoot_isRefused(String name) throws IOException {
        byte[] tar = new TestTar().file(name, "x").bytes();

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> merge(WHOLE, tar))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.ESCAPES_ROOT));
        assertThat(blobs.count()).isZero();
    }

    @Test
    void merge_hardLinkToNothing_isRefused() throws IOException {
        byte[] tar = new TestTar().hardLink("a", "nothing").bytes();

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> merge(WHOLE, tar))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.BAD_LINK));
    }

    @Test
    void merge_symbolicLinksInACircle_areRefused() throws IOException {
        byte[] tar = new TestTar().symlink("a", "b").symlink("b", "a").file("a/x", "1").bytes();

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> merge(WHOLE, tar))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.ESCAPES_ROOT));
    }

    /** The merged layer gives what the layers give one after the other: on nothing, and on others below. */
    @Test
    void merge_anyLayers_givesTheSameFiles() throws IOException {
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            FileModel one = new FileModel();
            byte[][] layers = new byte[2 + random.nextInt(4)][];
            for (int i = 0; i < layers.length; i++) {
                layers[i] = randomLayer(random, one, i);
            }
            int below = random.nextInt(layers.length);
            FileModel whole = new FileModel().apply(merge(WHOLE, layers));
            FileModel upper = new FileModel();
            for (int i = 0; i < below; i++) {
                upper.apply(layers[i]);
            }
            byte[][] rest = Arrays.copyOfRange(layers, below, layers.length);
            upper.apply(merge(NEW, rest));

            assertThat(whole.lines()).as("whole, seed %s", seed).isEqualTo(one.lines());
            assertThat(upper.lines()).as("from %s, seed %s", below, seed).isEqualTo(one.lines());
        }
    }

    /** A layer such as an overlay gives: what it changes is of what {@code files} has. */
    private static byte[] randomLayer(Random random, FileModel files, int number) throws IOException {
        TestTar tar = new TestTar();
        FileModel own = new FileModel();
        for (int i = 0; i < 6; i++) {
            String directory = random.nextBoolean() ? "" : List.of("d/", "e/", "d/s/").get(random.nextInt(3));
            String name = directory + (char) ('a' + random.nextInt(3));
            String content = number + "." + i;
            switch (random.nextInt(8)) {
                case 0 -> own.entry(tar, Kind.DIRECTORY, name, "", 0700 + random.nextInt(64));
                case 1 -> own.entry(tar, Kind.FILE, directory + ".wh." + name.charAt(name.length() - 1), "", 0);
                case 2 -> own.entry(tar, Kind.FILE, directory + ".wh..wh..opq", "", 0);
                case 3 -> own.linkTo(tar, name, random);
                case 4 -> own.entry(tar, Kind.DIRECTORY, directory.isEmpty() ? "d" : directory.replaceAll("/$", ""), "",
                        0700 + random.nextInt(64));
                default -> own.entry(tar, Kind.FILE, name, content, 0600 + random.nextInt(64));
            }
        }
        byte[] bytes = tar.bytes();
        files.apply(bytes);
        return bytes;
    }

    private static TarEntry entry(Kind kind, String name, String link, int size, int mode) {
        return new TarEntry(kind, RawPath.ofUtf8(name), RawPath.ofUtf8(link), size,
                new Attributes(mode, Owner.ROOT, TestTar.TIME, Map.of()), Device.NONE);
    }

    static TarEntry file(String name, int size, int mode) {
        return entry(Kind.FILE, name, "", size, mode);
    }

    static TarEntry of(Kind kind, String name, String link, int mode) {
        return entry(kind, name, link, 0, mode);
    }
}
