package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What needs no root; the rest is in {@link LayerPrivilegedIT}. */
class LayerExtractorTest {
    private static final ExtractLimits LIMITS = new ExtractLimits(100, 1 << 20, 4095, 1 << 16, 1 << 16);

    @TempDir
    Path temp;

    private Path target;

    @BeforeEach
    void target() throws IOException {
        target = Files.createDirectory(temp.resolve("target"));
        Files.createDirectory(temp.resolve("outside"));
        Files.writeString(temp.resolve("outside/secret"), "secret");
    }

    @Test
    void extract_tree_hasContentModesAndTimes() throws IOException {
        TestTar tar = new TestTar().directory("d", 0550)
            .file("d/f", "content")
            .symlink("d/link", "../d/f")
            .hardLink("g", "d/f");
        byte[] bytes = tar.bytes();

        ExtractedLayer layer = extract(bytes);

        assertThat(target.resolve("d/f")).hasContent("content");
        assertThat(Files.readSymbolicLink(target.resolve("d/link"))).isEqualTo(Path.of("../d/f"));
        assertThat(stat("d").mode()).isEqualTo(0550);
        assertThat(stat("d").modified()).isEqualTo(TestTar.TIME);
        assertThat(stat("d/link").modified()).isEqualTo(TestTar.TIME);
        assertThat(stat("g").id()).isEqualTo(stat("d/f").id());
        assertThat(layer.diffId()).isEqualTo(Digest.sha256(bytes));
        assertThat(layer.tarSize()).isEqualTo(bytes.length);
        assertThat(layer.entries()).isEqualTo(4);
        assertThat(layer.root()).isEmpty();
    }

    @Test
    void extract_compressedForms_haveTheDiffIdOfTheTar() throws IOException {
        byte[] tar = new TestTar().file("f", "content").bytes();
        for (byte[] form : List.of(TestTar.gzip(tar), TestTar.zstd(tar), tar)) {
            Path into = Files.createTempDirectory(temp, "form");
            ExtractedLayer layer = extractor().extract(new ByteArrayInputStream(form), into, List.of());
            assertThat(layer.diffId()).isEqualTo(Digest.sha256(tar));
            assertThat(into.resolve("f")).hasContent("content");
        }
    }

    @Test
    void extract_paddingAfterTheEnd_countsForTheDiffId() throws IOException {
        byte[] tar = Arrays.copyOf(new TestTar().file("f", "x").bytes(), 10240);
        assertThat(extract(tar).diffId()).isEqualTo(Digest.sha256(tar));
    }

    @Test
    void extract_rootEntry_isReportedNotApplied() throws IOException {
        FileStat before = Posix.lstat(RawPath.of(target));
        ExtractedLayer layer = extract(new TestTar().directory("./", 0711).file("./f", "x").bytes());
        assertThat(layer.root().orElseThrow().mode()).isEqualTo(0711);
        assertThat(Posix.lstat(RawPath.of(target)).mode()).isEqualTo(before.mode());
        assertThat(target.resolve("f")).exists();
    }

    @Test
    void extract_absoluteNames_areInsideTheRoot() throws IOException {
        extract(new TestTar().file("/etc/f", "x").hardLink("/g", "/etc/f").bytes());
        assertThat(target.resolve("etc/f")).hasContent("x");
        assertThat(target.resolve("g")).hasContent("x");
    }

    @Test
    void extract_dotsInsideTheRoot_areResolved() throws IOException {
        extract(new TestTar().file("a/../b/./c//d", "x").bytes());
        assertThat(target.resolve("b/c/d")).hasContent("x");
        assertThat(target.resolve("a")).doesNotExist();
    }

    @Test
    void extract_dotsOutOfTheRoot_areRefused() throws IOException {
        assertRefused(new TestTar().file("../evil", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().file("/a/../../evil", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().directory("..", 0777), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().hardLink("g", "../outside/secret"), Code.ESCAPES_ROOT);
        assertThat(temp.resolve("evil")).doesNotExist();
    }

    @Test
    void extract_throughLinks_staysInsideTheRoot() throws IOException {
        extract(new TestTar().symlink("abs", temp.resolve("outside").toString())
            .symlink("up", "../../../../outside")
            .file("abs/f", "x")
            .file("up/g", "x")
            .bytes());
        assertThat(temp.resolve("outside")).isDirectoryNotContaining("glob:**/{f,g}");
        assertThat(target.resolve("outside/g")).hasContent("x");
        assertThat(Path.of(target + temp.resolve("outside").toString()).resolve("f")).hasContent("x");
    }

    @Test
    void extract_linkToADirectoryOfTheLayer_isFollowed() throws IOException {
        extract(new TestTar().directory("usr", 0755)
            .directory("usr/bin", 0755)
            .symlink("bin", "usr/bin")
            .file("bin/sh", "x")
            .bytes());
        assertThat(target.resolve("usr/bin/sh")).hasContent("x");
        assertThat(target.resolve("bin")).isSymbolicLink();
    }

    @Test
    void extract_linksWithoutEnd_areRefused() throws IOException {
        assertRefused(new TestTar().symlink("a", "b").symlink("b", "a").file("a/f", "x"), Code.ESCAPES_ROOT);
    }

    @Test
    void extract_fileOverLink_replacesTheLink() throws IOException {
        extract(new TestTar().symlink("f", temp.resolve("outside/secret").toString()).file("f", "new").bytes());
        assertThat(target.resolve("f")).hasContent("new").isRegularFile();
        assertThat(temp.resolve("outside/secret")).hasContent("secret");
    }

    @Test
    void extract_directoryReplacedByALink_getsNoTimesThroughIt() throws IOException {
        Instant before = Posix.lstat(RawPath.of(temp.resolve("outside"))).modified();
        extract(new TestTar().directory("a", 0700)
            .directory("a/outside", 0700)
            .symlink("a", temp.toString())
            .bytes());
        assertThat(Posix.lstat(RawPath.of(temp.resolve("outside"))).modified()).isEqualTo(before);
        assertThat(target.resolve("a")).isSymbolicLink();
    }

    @Test
    void extract_laterEntries_replaceEarlierOnesAndDirectoriesMerge() throws IOException {
        extract(new TestTar().file("a", "1")
            .directory("a", 0755)
            .file("a/in", "x")
            .directory("a", 0700)
            .file("b/c", "1")
            .file("b", "2")
            .bytes());
        assertThat(target.resolve("a/in")).exists();
        assertThat(stat("a").mode()).isEqualTo(0700);
        assertThat(target.resolve("b")).hasContent("2");
    }

    @Test
    void extract_entryBelowAFile_isRefused() throws IOException {
        assertRefused(new TestTar().file("f", "x").file("f/g", "x"), Code.NOT_A_DIRECTORY);
        assertRefused(new TestTar().file("./", "x"), Code.NOT_A_DIRECTORY);
    }

    @Test
    void extract_hardLinksToNothing_areRefused() throws IOException {
        assertRefused(new TestTar().hardLink("g", "missing"), Code.BAD_LINK);
        assertRefused(new TestTar().directory("d", 0755).hardLink("g", "d"), Code.BAD_LINK);
        assertRefused(new TestTar().hardLink("g", "/"), Code.BAD_LINK);
        assertRefused(new TestTar().file("d/f", "x").hardLink("d", "d/f"), Code.BAD_LINK);
        assertRefused(new TestTar().symlink("l", temp.resolve("outside").toString()).hardLink("g", "l/secret"),
                Code.BAD_LINK);
    }

    @Test
    void extract_hardLinkToALink_isTheLinkItself() throws IOException {
        extract(new TestTar().symlink("l", temp.resolve("outside/secret").toString()).hardLink("g", "l").bytes());
        assertThat(target.resolve("g")).isSymbolicLink();
        assertThat(stat("g").id()).isEqualTo(stat("l").id());
    }

    @Test
    void extract_whiteoutsOfNoName_areRefused() throws IOException {
        assertRefused(new TestTar().file("d/.wh...", ""), Code.BAD_WHITEOUT);
        assertRefused(new TestTar().file("d/.wh.", ""), Code.BAD_WHITEOUT);
    }

    @Test
    void extract_moreThanTheLimits_isRefused() throws IOException {
        TestTar many = new TestTar();
        for (int i = 0; i < 101; i++) {
            many.file("f" + i, "");
        }
        assertRefused(many, Code.TOO_LARGE);
        assertRefused(new TestTar().file("f", "x".repeat(1 << 20)), Code.TOO_LARGE);
        assertRefused(new TestTar().file("d/".repeat(102) + "f", ""), Code.TOO_LARGE);
    }

    @Test
    void extract_bombs_areStoppedByTheLimitsAndLeaveLittle() throws IOException {
        byte[] tar = new TestTar().file("f", "\0".repeat(64 << 20)).bytes();
        for (byte[] bomb : List.of(TestTar.gzip(tar), TestTar.zstd(tar))) {
            assertThat(bomb.length).isLessThan(100_000);
            Path into = Files.createTempDirectory(temp, "bomb");
            assertThatExceptionOfType(LayerException.class)
                .isThrownBy(() -> extractor().extract(new ByteArrayInputStream(bomb), into, List.of()))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
            assertThat(Files.exists(into.resolve("f")) ? Files.size(into.resolve("f")) : 0)
                .isLessThanOrEqualTo(LIMITS.bytes());
        }
    }

    @Test
    void extract_sparseFile_keepsItsHolesAndCountsThem() throws Exception {
        byte[] tar = sparse(900_000);
        extract(tar);
        assertThat(Files.size(target.resolve("sparse"))).isEqualTo(900_000);
        assertThat(Files.readAllBytes(target.resolve("sparse"))).isEqualTo(new byte[900_000]);
        byte[] tenGigabytes = sparse(10_000_000_000L);
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(tenGigabytes))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }

    private byte[] sparse(long size) throws Exception {
        Path file = temp.resolve("sparse");
        try (var raw = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(size);
        }
        return Commands.run(temp, new byte[0], "tar", "--sparse", "-cf-", "sparse");
    }

    @Test
    void extract_attributesOfImpliedDirectories_comeFromTheLayersBelow() throws IOException {
        Path near = Files.createDirectories(temp.resolve("near/a")).getParent();
        Path far = Files.createDirectories(temp.resolve("far/a/b")).getParent().getParent();
        Files.createDirectories(far.resolve("c"));
        Files.createSymbolicLink(near.resolve("c"), temp.resolve("outside"));
        Posix.chmod(RawPath.of(near).resolve("a"), 0711);
        Posix.chmod(RawPath.of(far).resolve("a"), 0700);
        Posix.chmod(RawPath.of(far).resolve("a/b"), 01777);
        Posix.setxattr(RawPath.of(far).resolve("a/b"), "user.x", "y".getBytes(UTF_8));

        extractor().extract(new TestTar().file("a/b/f", "x").file("new/f", "x").stream(), target, List.of(near, far));

        assertThat(stat("a").mode()).isEqualTo(0711);
        assertThat(stat("a/b").mode()).isEqualTo(01777);
        assertThat(Posix.getxattr(RawPath.of(target).resolve("a/b"), "user.x")).hasValue("y".getBytes(UTF_8));
        assertThat(stat("new").mode()).isEqualTo(0755);
        assertThat(stat("new").modified()).isEqualTo(TestTar.TIME);
    }

    @Test
    void extract_trustedAttributes_areNotSet() throws IOException {
        Attributes attributes = TestTar.attributes(0644,
                Map.of("trusted.overlay.opaque", new byte[]{'y'}, "user.overlay.opaque", new byte[]{'y'},
                        "user.fine", new byte[]{1}));
        extract(new TestTar().file(RawPath.ofUtf8("f"), new byte[0], attributes).bytes());
        assertThat(Posix.listxattr(RawPath.of(target).resolve("f"))).containsExactly("user.fine");
    }

    @Test
    void extractAndPack_tree_givesTheSameBytes() throws IOException {
        Files.createDirectories(temp.resolve("src/d/e"));
        Files.writeString(temp.resolve("src/d/f"), "content");
        Files.createLink(temp.resolve("src/d/g"), temp.resolve("src/d/f"));
        Files.createSymbolicLink(temp.resolve("src/d/e/l"), Path.of("/x"));
        Posix.setxattr(RawPath.of(temp.resolve("src/d")), "user.x", new byte[]{(byte) 0x80});
        InMemoryBlobs blobs = new InMemoryBlobs();
        try (LayerPacker packer = new LayerPacker(blobs, 1)) {
            PackedLayer packed = packer.pack(temp.resolve("src"), Compression.GZIP);
            ExtractedLayer extracted = extract(blobs.get(packed.blob().digest()));
            assertThat(extracted.diffId()).isEqualTo(packed.diffId());
            assertThat(packer.pack(target, Compression.GZIP)).isEqualTo(packed);
        }
    }

    private FileStat stat(String name) throws IOException {
        return Posix.lstat(RawPath.of(target).resolve(name));
    }

    private static LayerExtractor extractor() {
        return new LayerExtractor(LIMITS, Owners.DROP);
    }

    private ExtractedLayer extract(byte[] tar) throws IOException {
        return extractor().extract(new ByteArrayInputStream(tar), target, List.of());
    }

    private void assertRefused(TestTar tar, Code code) throws IOException {
        Path into = Files.createTempDirectory(temp, "refused");
        byte[] bytes = tar.bytes();
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> extractor().extract(new ByteArrayInputStream(bytes), into, List.of()))
            .satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }
}
