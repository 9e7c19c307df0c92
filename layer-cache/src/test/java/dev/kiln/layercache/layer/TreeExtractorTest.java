package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TreeExtractorTest {
    @TempDir
    Path temp;

    private final InMemoryBlobs blobs = new InMemoryBlobs();
    private final LayerPacker packer = new LayerPacker(blobs, 2);
    private final TreeExtractor extractor = new TreeExtractor(ExtractLimits.CONTEXT, Owners.DROP);
    private Path from;
    private Path into;

    @BeforeEach
    void directories() throws IOException {
        from = Files.createDirectory(temp.resolve("from"));
        into = Files.createDirectory(temp.resolve("into"));
    }

    @AfterEach
    void close() {
        packer.close();
    }

    private void roundTrip() throws IOException {
        PackedLayer packed = packer.packTree(from, Compression.ZSTD);
        try (InputStream in = new ByteArrayInputStream(blobs.get(packed.blob().digest()))) {
            assertThat(extractor.extract(in, into)).isEqualTo(packed.diffId());
        }
    }

    private void refuse(byte[] archive, Code code) {
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> extractor.extract(new ByteArrayInputStream(archive), into))
            .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void tree_roundTrip_hasNamesModesLinksAndTimesToTheNanosecond() throws IOException {
        Instant time = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
        Files.createDirectories(from.resolve("d/e"));
        Files.writeString(from.resolve("d/e/f"), "content");
        Files.createLink(from.resolve("d/g"), from.resolve("d/e/f"));
        Files.createSymbolicLink(from.resolve("s"), Path.of("../../anywhere"));
        Posix.chmod(RawPath.of(from.resolve("d/g")), 06711);
        Posix.setModified(RawPath.of(from.resolve("d/g")), time);
        Posix.chmod(RawPath.of(from.resolve("d/e")), 0500);
        Posix.setModified(RawPath.of(from.resolve("d/e")), time);
        roundTrip();
        FileStat file = Posix.lstat(RawPath.of(into.resolve("d/e/f")));
        assertThat(file.mode()).isEqualTo(06711);
        assertThat(file.modified()).isEqualTo(time);
        assertThat(file.id()).isEqualTo(Posix.lstat(RawPath.of(into.resolve("d/g"))).id());
        assertThat(into.resolve("d/e/f")).hasContent("content");
        assertThat(Posix.lstat(RawPath.of(into.resolve("d/e"))).mode()).isEqualTo(0500);
        assertThat(Posix.lstat(RawPath.of(into.resolve("d/e"))).modified()).isEqualTo(time);
        assertThat(Files.readSymbolicLink(into.resolve("s"))).isEqualTo(Path.of("../../anywhere"));
    }

    @Test
    void tree_namesOfWhiteouts_areNamesLikeAnyOther() throws IOException {
        Files.writeString(from.resolve(".wh.passwd"), "x");
        Files.writeString(from.resolve("passwd"), "y");
        Files.writeString(from.resolve(".wh..wh..opq"), "z");
        roundTrip();
        assertThat(into.resolve(".wh.passwd")).hasContent("x");
        assertThat(into.resolve("passwd")).hasContent("y");
        assertThat(into.resolve(".wh..wh..opq")).hasContent("z");
    }

    @Test
    void tree_sockets_areLeftOut_andFifosStay() throws IOException {
        Posix.mknod(RawPath.of(from.resolve("socket")), FileType.SOCKET, 0600, Device.NONE);
        Posix.mknod(RawPath.of(from.resolve("fifo")), FileType.FIFO, 0600, Device.NONE);
        roundTrip();
        assertThat(into.toFile().list()).containsExactly("fifo");
    }

    @Test
    void device_isRefused() throws IOException {
        refuse(new TestTar().node(Kind.BLOCK_DEVICE, "sda", 8, 0).bytes(), Code.UNSUPPORTED_ENTRY);
        refuse(new TestTar().node(Kind.CHARACTER_DEVICE, "gone", 0, 0).bytes(), Code.UNSUPPORTED_ENTRY);
        assertThat(into).isEmptyDirectory();
    }

    @Test
    void namesThatLeadOut_changeNothingOutside() throws IOException {
        refuse(new TestTar().file("../outside", "x").bytes(), Code.ESCAPES_ROOT);
        extractor.extract(new TestTar().symlink("way", temp.toString()).file("way/outside", "x").stream(), into);
        refuse(new TestTar().hardLink("link", "../from").bytes(), Code.ESCAPES_ROOT);
        assertThat(temp.resolve("outside")).doesNotExist();
        assertThat(temp.toFile().list()).containsExactlyInAnyOrder("from", "into");
    }

    @Test
    void moreThanTheLimits_isRefused() throws IOException {
        TreeExtractor small = new TreeExtractor(ExtractLimits.CONTEXT.withBytes(4096), Owners.DROP);
        byte[] archive = TestTar.gzip(new TestTar().file("f", "x".repeat(100_000)).bytes());
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> small.extract(new ByteArrayInputStream(archive), into))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
    }

    @Test
    void cutShort_isRefused() throws IOException {
        byte[] archive = new TestTar().file("f", "x".repeat(2000)).bytes();
        refuse(Arrays.copyOf(archive, 1000), Code.CORRUPT);
    }
}
