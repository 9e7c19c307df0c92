package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;

import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/** What needs no root; the rest is in {@link ArchivesPrivilegedIT}. */
class ArchivesTest {
    private static final ExtractLimits LIMITS = new ExtractLimits(100, 4 << 20, 4095, 1 << 16, 1 << 16);

    @TempDir
    Path temp;

    private Path target;

    @BeforeEach
    void target() throws IOException {
        target = Files.createDirectory(temp.resolve("target"));
        Files.createDirectory(temp.resolve("outside"));
        Files.writeString(temp.resolve("outside/secret"), "secret");
    }

    private static byte[] xz(byte[] data, int dictionary) throws IOException {
        LZMA2Options options = new LZMA2Options();
        options.setDictSize(dictionary);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(out, options)) {
            xz.write(data);
        }
        return out.toByteArray();
    }

    private static byte[] bzip2(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BZip2CompressorOutputStream bzip2 = new BZip2CompressorOutputStream(out)) {
            bzip2.write(data);
        }
        return out.toByteArray();
    }

    private static List<byte[]> forms(byte[] tar) throws IOException {
        return List.of(tar, TestTar.gzip(tar), bzip2(tar), xz(tar, LZMA2Options.DICT_SIZE_MIN), TestTar.zstd(tar));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private void extract(byte[] archive) throws IOException {
        new Archives(LIMITS, Owners.DROP).extract(new ByteArrayInputStream(archive), RawPath.of(target),
                Optional.empty());
    }

    private void assertRefused(TestTar tar, Code code) throws IOException {
        byte[] bytes = tar.bytes();
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(bytes))
            .satisfies(e -> assertThat(e.code()).isEqualTo(code));
        assertThat(temp.resolve("outside")).isDirectoryContaining("glob:**/secret");
        assertThat(temp.resolve("outside/secret")).hasContent("secret");
        assertThat(temp.resolve("outside").toFile().list()).hasSize(1);
    }

    private FileStat stat(String name) throws IOException {
        return Posix.lstat(RawPath.of(target.resolve(name)));
    }

    @Test
    void isArchive_everyCompression_isTold_whateverTheName() throws IOException {
        for (byte[] form : forms(new TestTar().file("f", "content").bytes())) {
            Path file = Files.write(temp.resolve("data.txt"), form);
            assertThat(Archives.isArchive(RawPath.of(file))).isTrue();
        }
    }

    @Test
    void isArchive_tarThatIsCutOff_isOne_ifItStartsWithAnEntry() throws IOException {
        byte[] tar = new TestTar().file("f", "content").bytes();

        assertThat(Archives.isArchive(new ByteArrayInputStream(tar, 0, 512))).isTrue();
        assertThat(Archives.isArchive(new ByteArrayInputStream(tar, 0, 511))).isFalse();
    }

    @Test
    void isArchive_otherContent_isNone() throws IOException {
        byte[] noTar = "plain text".repeat(1000).getBytes(UTF_8);
        for (byte[] form : forms(noTar)) {
            assertThat(Archives.isArchive(new ByteArrayInputStream(form))).isFalse();
        }
        for (byte[] form : forms(new byte[1024])) {
            assertThat(Archives.isArchive(new ByteArrayInputStream(form))).isFalse();
        }
        assertThat(Archives.isArchive(InputStream.nullInputStream())).isFalse();
    }

    @Test
    void isArchive_damagedCompression_isNone() throws IOException {
        for (byte[] form : forms(new TestTar().file("f", "content").bytes()).subList(1, 5)) {
            assertThat(Archives.isArchive(new ByteArrayInputStream(form, 0, 12))).isFalse();
            byte[] damaged = form.clone();
            Arrays.fill(damaged, 12, damaged.length, (byte) 0x55);
            assertThat(Archives.isArchive(new ByteArrayInputStream(damaged))).isFalse();
        }
    }

    @Test
    void isArchive_tarWhoseFirstNameLooksLikeBzip2_isOne() throws IOException {
        byte[] tar = new TestTar().file("BZh91AY.txt", "x").bytes();

        assertThat(Archives.isArchive(new ByteArrayInputStream(tar))).isTrue();
        extract(tar);
        assertThat(target.resolve("BZh91AY.txt")).hasContent("x");
    }

    @Test
    void isArchive_linkDirectoryOrNothing_isNone() throws IOException {
        Path tar = Files.write(temp.resolve("x.tar"), new TestTar().file("f", "").bytes());
        Path link = Files.createSymbolicLink(temp.resolve("link"), tar);

        assertThat(Archives.isArchive(RawPath.of(link))).isFalse();
        assertThat(Archives.isArchive(RawPath.of(temp))).isFalse();
        assertThat(Archives.isArchive(RawPath.of(temp.resolve("none")))).isFalse();
    }

    @Test
    void isArchive_sourceThatFails_isNotTakenForContent() throws IOException {
        byte[] gzip = TestTar.gzip(new TestTar().file("f", "content").bytes());
        InputStream failing = new SequenceInputStream(new ByteArrayInputStream(gzip, 0, 20), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the disk is on fire");
            }
        });

        assertThatIOException().isThrownBy(() -> Archives.isArchive(failing)).withMessage("the disk is on fire");
    }

    @Test
    void extract_everyCompression_givesTheSameFiles() throws IOException {
        byte[] tar = new TestTar().directory("d", 0750).file("d/f", "content").symlink("l", "d/f").bytes();
        for (byte[] form : forms(tar)) {
            target = Files.createTempDirectory(temp, "form");
            extract(form);
            assertThat(target.resolve("d/f")).hasContent("content");
            assertThat(stat("d").mode()).isEqualTo(0750);
            assertThat(stat("d/f").modified()).isEqualTo(TestTar.TIME);
            assertThat(Files.readSymbolicLink(target.resolve("l"))).isEqualTo(Path.of("d/f"));
        }
    }

    @Test
    void extract_concatenatedStreams_areRead() throws IOException {
        byte[] tar = new TestTar().file("a", "1").file("b", "2").bytes();
        byte[] first = Arrays.copyOf(tar, 700);
        byte[] second = Arrays.copyOfRange(tar, 700, tar.length);
        for (byte[] form : List.of(joined(bzip2(first), bzip2(second)), joined(xz(first, 4096), xz(second, 4096)),
                joined(TestTar.gzip(first), TestTar.gzip(second)), joined(TestTar.zstd(first), TestTar.zstd(second)))) {
            target = Files.createTempDirectory(temp, "form");
            extract(form);
            assertThat(target.resolve("b")).hasContent("2");
        }
    }

    @Test
    void extract_ontoFiles_replacesThem_andMergesDirectories() throws IOException {
        Files.createDirectories(target.resolve("dir/kept"));
        Files.createDirectory(target.resolve("becomes-file"));
        Files.writeString(target.resolve("becomes-file/gone"), "x");
        Files.writeString(target.resolve("file"), "old");
        Files.createSymbolicLink(target.resolve("link"), Path.of("../outside/secret"));
        Files.createSymbolicLink(target.resolve("dirlink"), Path.of("dir"));

        extract(new TestTar().directory("dir", 0711)
            .file("becomes-file", "now")
            .file("file", "new")
            .file("link", "no link")
            .directory("dirlink", 0755)
            .file("dirlink/f", "inside")
            .bytes());

        assertThat(target.resolve("dir/kept")).isDirectory();
        assertThat(stat("dir").mode()).isEqualTo(0711);
        assertThat(stat("dir").modified()).isEqualTo(TestTar.TIME);
        assertThat(target.resolve("becomes-file")).hasContent("now");
        assertThat(target.resolve("file")).hasContent("new");
        assertThat(target.resolve("link")).hasContent("no link");
        assertThat(Files.isSymbolicLink(target.resolve("dirlink"))).isFalse();
        assertThat(target.resolve("dir/f")).doesNotExist();
        assertThat(temp.resolve("outside/secret")).hasContent("secret");
    }

    @Test
    void extract_throughLinksThatAreThere_staysInside() throws IOException {
        Files.createDirectory(target.resolve("run"));
        Files.createDirectory(target.resolve("var"));
        Files.createSymbolicLink(target.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(target.resolve("up"), Path.of("../../../.."));
        Files.createSymbolicLink(target.resolve("out"), temp.resolve("outside"));

        extract(new TestTar().directory("var/run/act", 0755)
            .file("var/run/act/HEAD", "ref")
            .hardLink("var/run/act/HEAD.link", "var/run/act/HEAD")
            .file("up/at-root", "1")
            .file("out/made", "2")
            .bytes());

        assertThat(target.resolve("run/act/HEAD")).hasContent("ref");
        assertThat(stat("run/act/HEAD").id()).isEqualTo(stat("run/act/HEAD.link").id());
        assertThat(target.resolve("at-root")).hasContent("1");
        assertThat(temp.resolve("outside").toFile().list()).containsExactly("secret");
        assertThat(target.resolve(temp.resolve("outside/made").toString().substring(1))).hasContent("2");
    }

    @Test
    void extract_missingParents_areMade() throws IOException {
        extract(new TestTar().file("a/b/c", "x").bytes());

        assertThat(stat("a/b").mode()).isEqualTo(0755);
        assertThat(stat("a/b").modified()).isEqualTo(TestTar.TIME);
    }

    @Test
    void extract_namesOfWhiteouts_areNamesLikeOthers() throws IOException {
        Files.writeString(target.resolve("f"), "kept");

        extract(new TestTar().file(".wh.f", "").file("d/.wh..wh..opq", "").bytes());

        assertThat(target.resolve("f")).hasContent("kept");
        assertThat(target.resolve(".wh.f")).exists();
        assertThat(target.resolve("d/.wh..wh..opq")).exists();
    }

    @Test
    void extract_entryOfTheRoot_isPassedOver() throws IOException {
        int before = stat(".").mode();

        extract(new TestTar().directory(".", 0700).directory("./", 0700).file("./f", "x").file("/g", "y").bytes());

        assertThat(stat(".").mode()).isEqualTo(before);
        assertThat(target.resolve("f")).hasContent("x");
        assertThat(target.resolve("g")).hasContent("y");
    }

    @Test
    void extract_hardLink_givesTheFileItsAttributes_aSymbolicLinkNone() throws IOException {
        Files.writeString(target.resolve("there"), "x");
        Files.writeString(target.resolve("behind"), "x");
        Posix.chmod(RawPath.of(target.resolve("behind")), 0600);
        Files.createSymbolicLink(target.resolve("symlink"), Path.of("behind"));

        extract(new TestTar().hardLink("name", "there")
            .hardLink("again", "symlink")
            .hardLink("there", "there")
            .bytes());

        assertThat(stat("there").id()).isEqualTo(stat("name").id());
        assertThat(stat("there").mode()).isEqualTo(0777);
        assertThat(stat("there").modified()).isEqualTo(TestTar.TIME);
        assertThat(Files.isSymbolicLink(target.resolve("again"))).isTrue();
        assertThat(stat("behind").mode()).isEqualTo(0600);
    }

    @Test
    void extract_timeBefore1970_isItsStart() throws IOException {
        extract(new TestTar()
            .file(RawPath.ofUtf8("f"), new byte[0],
                    new Attributes(0644, Owner.ROOT, Instant.ofEpochSecond(-5), Map.of()))
            .bytes());

        assertThat(stat("f").modified()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void newestFile_isThatOfFilesAlone() throws IOException {
        Instant earlier = TestTar.TIME.minusSeconds(60);
        Attributes old = new Attributes(0644, Owner.ROOT, earlier, Map.of());
        TestTar one = new TestTar().file(RawPath.ofUtf8("old"), new byte[0], old)
            .directory("d", 0755)
            .symlink("l", "d");
        TestTar two = new TestTar().file("f", "x").file(RawPath.ofUtf8("old"), new byte[0], old);

        assertThat(newestFile(one.bytes())).hasValue(earlier);
        assertThat(newestFile(TestTar.gzip(two.bytes()))).hasValue(TestTar.TIME);
        assertThat(newestFile(new TestTar().directory("d", 0755).bytes())).isEmpty();
    }

    private static Optional<Instant> newestFile(byte[] archive) throws IOException {
        return new Archives(LIMITS, Owners.DROP).newestFile(new ByteArrayInputStream(archive));
    }

    @Test
    void extract_withoutEndMarker_isComplete() throws IOException {
        extract(new TestTar().file("f", "x").unended());

        assertThat(target.resolve("f")).hasContent("x");
    }

    @Test
    void extract_hostileNames_areRefused() throws IOException {
        assertRefused(new TestTar().file("../outside/x", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().file("a/../../outside/x", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().hardLink("x", "../outside/secret"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().hardLink("x", temp.resolve("outside/secret").toString()), Code.BAD_LINK);
        assertRefused(new TestTar().symlink("s", "../outside").hardLink("x", "s/secret"), Code.BAD_LINK);
        assertRefused(new TestTar().hardLink("x", "/"), Code.BAD_LINK);
        assertRefused(new TestTar().file("d/f", "x").hardLink("d", "d/f"), Code.BAD_LINK);
        assertRefused(new TestTar().file("f", "x").file("f/g", "x"), Code.NOT_A_DIRECTORY);
        assertRefused(new TestTar().symlink("a", "b").symlink("b", "a").file("a/x", ""), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().node(Kind.CHARACTER_DEVICE, "c", 0, 0), Code.UNSUPPORTED_ENTRY);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void extract_bomb_endsAtTheLimit(int form) throws IOException {
        byte[] tar = new TestTar().file(RawPath.ofUtf8("zeros"), new byte[8 << 20], TestTar.attributes(0644, Map.of()))
            .bytes();
        byte[] archive = forms(tar).get(form);

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(archive))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void extract_compressionCutOff_isCorrupt(int form) throws IOException {
        byte[] archive = forms(new TestTar().file(RawPath.ofUtf8("f"), noise(600_000),
                TestTar.attributes(0644, Map.of()))
            .bytes()).get(form);
        byte[] cut = Arrays.copyOf(archive, archive.length / 2);

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(cut))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.CORRUPT));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void extract_compressionDamaged_isRefused_whereItHasAChecksum(int form) throws IOException {
        byte[] archive = forms(new TestTar().file(RawPath.ofUtf8("f"), noise(600_000),
                TestTar.attributes(0644, Map.of()))
            .bytes()).get(form);
        Arrays.fill(archive, 300_000, 300_100, (byte) 7);

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(archive))
            .satisfies(e -> assertThat(e.code()).isIn(Code.CORRUPT, Code.NOT_AN_ARCHIVE));
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {36, 40})
    void extract_xzThatNeedsTooMuchMemory_isRefused(int dictionary) throws IOException {
        byte[] archive = xz(new TestTar().file("f", "x").bytes(), LZMA2Options.DICT_SIZE_MIN);
        // The dictionary's size is a property in the block header, 36 is 1 GiB and 40 is 4 GiB; the header's checksum follows.
        archive[16] = (byte) dictionary;
        CRC32 crc = new CRC32();
        crc.update(archive, 12, 8);
        for (int i = 0; i < 4; i++) {
            archive[20 + i] = (byte) (crc.getValue() >>> 8 * i);
        }

        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(archive))
            .withMessageContaining("xz")
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> Archives.isArchive(new ByteArrayInputStream(archive)))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }
}
