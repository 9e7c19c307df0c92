package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ContextArchiveTest {
    private static final ContextArchive CONTEXTS = new ContextArchive(
            new ExtractLimits(100, 1 << 20, 4095, 1 << 16, 10_000));

    @TempDir
    Path temp;

    @Test
    void check_names_keepsTheirContent() throws IOException {
        byte[] tar = new TestTar().file("./Dockerfile", "FROM old")
            .file("src/main.c", "int main;")
            .file("./Dockerfile", "FROM scratch")
            .file(".dockerignore", "*.o")
            .bytes();
        for (byte[] form : List.of(tar, TestTar.gzip(tar), TestTar.zstd(tar))) {
            ContextSummary summary = CONTEXTS.check(new ByteArrayInputStream(form),
                    Set.of("Dockerfile", ".dockerignore", "missing"), 100);
            assertThat(summary.files()).containsOnlyKeys("Dockerfile", ".dockerignore");
            assertThat(summary.files().get("Dockerfile")).asString(UTF_8).isEqualTo("FROM scratch");
            assertThat(summary.entries()).isEqualTo(4);
            assertThat(summary.tarSize()).isEqualTo(tar.length);
        }
    }

    @Test
    void readFile_linksInTheContext_areFollowed() throws IOException {
        byte[] tar = new TestTar().symlink("Dockerfile", "docker/link")
            .file("common/file", "FROM scratch")
            .symlink("docker/link", "../../../common//file")
            .hardLink("second", "common/file")
            .symlink("loop", "loop")
            .bytes();
        ContextArchive.Source source = () -> new ByteArrayInputStream(tar);
        assertThat(CONTEXTS.readFile(source, "Dockerfile", 100)).hasValue("FROM scratch".getBytes(UTF_8));
        assertThat(CONTEXTS.readFile(source, "second", 100)).hasValue("FROM scratch".getBytes(UTF_8));
        assertThat(CONTEXTS.readFile(source, "loop", 100)).isEmpty();
        assertThat(CONTEXTS.readFile(source, "docker", 100)).isEmpty();
    }

    @Test
    void check_wantedFileTooLarge_isRefused() throws IOException {
        byte[] tar = new TestTar().file("Dockerfile", "x".repeat(101)).bytes();
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> CONTEXTS.check(new ByteArrayInputStream(tar), Set.of("Dockerfile"), 100))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }

    @Test
    void extract_tree_keepsModesAndTimesButNoOwnersOrAttributes() throws IOException {
        Instant time = Instant.ofEpochSecond(1_600_000_000, 123_456_789);
        Attributes attributes = new Attributes(04750, new Owner(1000, 1000), time, Map.of("user.x", new byte[1]));
        byte[] tar = new TestTar().directory(".", 0700)
            .directory("ro", 0555)
            .file(RawPath.ofUtf8("ro/f"), "content".getBytes(UTF_8), attributes)
            .file("implied/g", "x")
            .hardLink("implied/h", "ro/f")
            .symlink("out", "/etc/passwd")
            .bytes();

        CONTEXTS.extract(new ByteArrayInputStream(tar), temp, Owners.DROP);

        FileStat file = stat("ro/f");
        assertThat(temp.resolve("ro/f")).hasContent("content");
        assertThat(file.mode()).isEqualTo(04750);
        assertThat(file.modified()).isEqualTo(time);
        assertThat(file.owner()).isEqualTo(Posix.lstat(RawPath.of(temp)).owner());
        assertThat(Posix.listxattr(RawPath.of(temp).resolve("ro/f"))).isEmpty();
        assertThat(stat("ro").mode()).isEqualTo(0555);
        assertThat(stat("ro").modified()).isEqualTo(TestTar.TIME);
        assertThat(stat("implied").mode()).isEqualTo(0755);
        assertThat(stat("implied/h").id()).isEqualTo(file.id());
        assertThat(Files.readSymbolicLink(temp.resolve("out"))).isEqualTo(Path.of("/etc/passwd"));
    }

    @Test
    void extract_nanosecondsOfGnuTar_areKept() throws Exception {
        Path source = Files.createDirectory(temp.resolve("source"));
        Files.writeString(source.resolve("f"), "x");
        Instant time = Instant.ofEpochSecond(1_600_000_000, 123_456_789);
        Posix.setModified(RawPath.of(source).resolve("f"), time);
        byte[] tar = Commands.run(source, new byte[0], "tar", "--format=posix", "-czf-", ".");
        Path target = Files.createDirectory(temp.resolve("target"));
        CONTEXTS.extract(new ByteArrayInputStream(tar), target, Owners.DROP);
        assertThat(Posix.lstat(RawPath.of(target).resolve("f")).modified()).isEqualTo(time);
    }

    @Test
    void extract_sameNameTwice_takesTheLater() throws IOException {
        byte[] tar = new TestTar().file("f", "1")
            .symlink("f", "elsewhere")
            .file("f", "2")
            .directory("d", 0700)
            .directory("d/", 0711)
            .hardLink("f", "f")
            .bytes();
        CONTEXTS.extract(new ByteArrayInputStream(tar), temp, Owners.DROP);
        assertThat(temp.resolve("f")).hasContent("2").isRegularFile();
        assertThat(stat("d").mode()).isEqualTo(0711);
    }

    @Test
    void names_outsideTheContext_areRefused() throws IOException {
        assertRefused(new TestTar().file("/etc/passwd", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().file("../f", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().file("a/../f", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().directory("..", 0755), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().hardLink("f", "/etc/passwd"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().hardLink("f", "../passwd"), Code.ESCAPES_ROOT);
    }

    @Test
    void entries_throughALinkOrAFile_areRefused() throws IOException {
        assertRefused(new TestTar().symlink("l", "/tmp").file("l/f", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().symlink("l", ".").hardLink("m", "l").file("m/f", "x"), Code.ESCAPES_ROOT);
        assertRefused(new TestTar().file("a/f", "x").symlink("a", "/tmp"), Code.NOT_A_DIRECTORY);
        assertRefused(new TestTar().symlink("a", "/tmp").directory("a", 0755), Code.NOT_A_DIRECTORY);
        assertRefused(new TestTar().file("f", "x").file("f/g", "x"), Code.NOT_A_DIRECTORY);
        assertRefused(new TestTar().file(".", "x"), Code.NOT_A_DIRECTORY);
        assertRefused(new TestTar().symlink(".", "/tmp"), Code.NOT_A_DIRECTORY);
    }

    @Test
    void hardLinks_toNothing_areRefused() throws IOException {
        assertRefused(new TestTar().hardLink("f", "later").file("later", "x"), Code.BAD_LINK);
        assertRefused(new TestTar().directory("d", 0755).hardLink("f", "d"), Code.BAD_LINK);
        assertRefused(new TestTar().hardLink("f", "f"), Code.BAD_LINK);
        assertRefused(new TestTar().symlink("l", "/etc").hardLink("f", "l/passwd"), Code.BAD_LINK);
        assertRefused(new TestTar().hardLink("f", "."), Code.BAD_LINK);
    }

    @Test
    void devicesAndFifos_areRefused() throws IOException {
        assertRefused(new TestTar().node(Kind.CHARACTER_DEVICE, "null", 1, 3), Code.UNSUPPORTED_ENTRY);
        assertRefused(new TestTar().node(Kind.FIFO, "pipe", 0, 0), Code.UNSUPPORTED_ENTRY);
        assertRefused(new TestTar().node(Kind.BLOCK_DEVICE, "disk", 8, 0), Code.UNSUPPORTED_ENTRY);
    }

    @Test
    void archive_withoutItsEnd_isRefused() throws IOException {
        byte[] unended = new TestTar().file("f", "x").unended();
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> check(unended))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.CORRUPT));
    }

    @Test
    void archive_moreThanTheLimits_isRefused() throws IOException {
        TestTar many = new TestTar();
        for (int i = 0; i < 101; i++) {
            many.file("f" + i, "");
        }
        assertRefused(many, Code.TOO_LARGE);
        assertRefused(new TestTar().file("d/".repeat(102) + "f", ""), Code.TOO_LARGE);
        assertRefused(new TestTar().file("f", "x".repeat(1 << 20)), Code.TOO_LARGE);
        TestTar longNames = new TestTar();
        for (int i = 0; i < 50; i++) {
            longNames.file(i + "n".repeat(240), "");
        }
        assertRefused(longNames, Code.TOO_LARGE);
        assertRefused(new TestTar().file("n".repeat(256), ""), Code.TOO_LARGE);
    }

    private FileStat stat(String name) throws IOException {
        return Posix.lstat(RawPath.of(temp).resolve(name));
    }

    private static void check(byte[] tar) throws IOException {
        CONTEXTS.check(new ByteArrayInputStream(tar));
    }

    /** Both ways to read an archive must refuse it. */
    private void assertRefused(TestTar tar, Code code) throws IOException {
        byte[] bytes = tar.bytes();
        Path into = Files.createTempDirectory(temp, "refused");
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> check(bytes))
            .satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> CONTEXTS.extract(new ByteArrayInputStream(bytes), into, Owners.DROP))
            .satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }
}
