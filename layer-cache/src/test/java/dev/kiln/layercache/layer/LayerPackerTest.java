package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LayerPackerTest {
    @TempDir
    Path upper;

    private final InMemoryBlobs blobs = new InMemoryBlobs();
    private final LayerPacker packer = new LayerPacker(blobs, 2);
    private RawPath root;

    @BeforeEach
    void root() {
        root = RawPath.of(upper);
    }

    @AfterEach
    void close() {
        packer.close();
    }

    @Test
    void pack_emptyDirectory_isTheWellKnownEmptyLayer() throws IOException {
        PackedLayer layer = packer.pack(upper, Compression.GZIP);
        assertThat(layer.diffId())
            .hasToString("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
        assertThat(layer.tarSize()).isEqualTo(1024);
        assertThat(layer.blob().mediaType()).isEqualTo(MediaTypes.OCI_LAYER_GZIP);
        assertThat(layer.blob().size()).isEqualTo(blobs.get(layer.blob().digest()).length);
    }

    @Test
    void pack_tree_listsParentsFirstInByteOrderWithoutTheRoot() throws Exception {
        Files.createDirectories(upper.resolve("b/sub"));
        Files.writeString(upper.resolve("b/sub/file"), "x");
        Files.writeString(upper.resolve("b-"), "x");
        Files.writeString(upper.resolve("B"), "x");
        Files.writeString(upper.resolve("b/z"), "x");
        Files.createSymbolicLink(upper.resolve("a"), Path.of("../anywhere"));

        String listing = Commands.text(upper, tar(), "tar", "-tf", "-");

        assertThat(listing.lines()).containsExactly("B", "a", "b/", "b/sub/", "b/sub/file", "b/z", "b-");
    }

    @Test
    void pack_times_areWholeSecondsAndOwnersHaveNoNames() throws Exception {
        Files.writeString(upper.resolve("f"), "x");
        Posix.setModified(root.resolve("f"), Instant.ofEpochSecond(1_700_000_000, 999_999_999));
        Posix.chmod(root.resolve("f"), 06755);
        TarEntry entry = entries().getFirst();
        assertThat(entry.attributes().modified()).isEqualTo(Instant.ofEpochSecond(1_700_000_000));
        assertThat(entry.attributes().mode()).isEqualTo(06755);
        assertThat(entry.attributes().owner()).isEqualTo(Posix.lstat(root).owner());
        assertThat(new String(tar(), 265, 64, UTF_8)).isEqualTo("\0".repeat(64));
    }

    @Test
    void pack_hardLinks_pointToTheFirstName() throws IOException {
        Files.createDirectory(upper.resolve("d"));
        Files.writeString(upper.resolve("d/one"), "content");
        Files.createLink(upper.resolve("d/two"), upper.resolve("d/one"));
        Files.createLink(upper.resolve("e"), upper.resolve("d/one"));
        Files.createSymbolicLink(upper.resolve("s"), Path.of("x"));
        Posix.link(root.resolve("s"), root.resolve("t"));
        assertThat(entries()).extracting(e -> e.kind() + " " + e.name() + " " + e.link() + " " + e.size())
            .containsExactly("DIRECTORY d  0", "FILE d/one  7", "HARD_LINK d/two d/one 0", "HARD_LINK e d/one 0",
                    "SYMLINK s x 0", "HARD_LINK t s 0");
    }

    @Test
    void pack_socketsAndFifos_oneGoesTheOtherStays() throws IOException {
        Posix.mknod(root.resolve("socket"), FileType.SOCKET, 0600, Device.NONE);
        Posix.mknod(root.resolve("fifo"), FileType.FIFO, 0600, Device.NONE);
        assertThat(entries()).extracting(e -> e.kind() + " " + e.name()).containsExactly("FIFO fifo");
    }

    @Test
    void pack_nameThatIsNotUtf8_isKeptToTheByte() throws IOException {
        RawPath name = RawPath.ofBytes(new byte[]{'n', (byte) 0xff});
        FileHandle.create(root.resolve(name), 0600).close();
        assertThat(entries()).extracting(TarEntry::name).containsExactly(name);
    }

    @Test
    void pack_xattrs_keepsOnlyTheUsers() throws IOException {
        Files.createFile(upper.resolve("f"));
        Posix.setxattr(root.resolve("f"), "user.kept", new byte[]{0, (byte) 0xff});
        Posix.setxattr(root.resolve("f"), "user.overlay.origin", new byte[]{1});
        assertThat(entries().getFirst().attributes().xattrs()).containsOnlyKeys("user.kept")
            .containsEntry("user.kept", new byte[]{0, (byte) 0xff});
    }

    @Test
    void pack_nameOfAWhiteout_isRefused() throws IOException {
        Files.createFile(upper.resolve(".wh.passwd"));
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> packer.pack(upper, Compression.GZIP))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.BAD_WHITEOUT));
        assertThat(blobs.count()).isZero();
    }

    @Test
    void pack_sameTreeMadeInAnotherOrder_isTheSameLayer(@TempDir Path other) throws IOException {
        for (int i = 0; i < 50; i++) {
            Files.writeString(upper.resolve("f" + i), "x" + i);
            Files.writeString(other.resolve("f" + (49 - i)), "x" + (49 - i));
        }
        for (Path file : List.of(upper, other)) {
            for (int i = 0; i < 50; i++) {
                Posix.setModified(RawPath.of(file).resolve("f" + i), Instant.EPOCH);
            }
        }
        assertThat(packer.pack(upper, Compression.GZIP)).isEqualTo(packer.pack(other, Compression.GZIP));
    }

    @Test
    void pack_compressions_haveOneDiffIdAndReadBack() throws IOException {
        Files.write(upper.resolve("large"), "some text ".repeat(700_000).getBytes(UTF_8));
        byte[] tar = tar();
        for (Compression compression : List.of(Compression.GZIP, Compression.ZSTD, Compression.NONE)) {
            PackedLayer layer = packer.pack(upper, compression);
            assertThat(layer.diffId()).isEqualTo(Digest.sha256(tar));
            assertThat(layer.tarSize()).isEqualTo(tar.length);
            assertThat(layer.blob().mediaType()).isEqualTo(compression.mediaType());
            try (ArchiveInput in = new ArchiveInput(new ByteArrayInputStream(blobs.get(layer.blob().digest())),
                    1L << 40)) {
                assertThat(in.finish()).isEqualTo(layer.diffId());
            }
        }
    }

    @Test
    void pack_longNamesOfGnuTarsOwnReading_areWhole() throws Exception {
        String name = "d".repeat(120) + "/" + "\u00fc".repeat(60);
        Files.createDirectories(upper.resolve(name).getParent());
        Files.writeString(upper.resolve(name), "x");
        String listing = Commands.text(upper, tar(), "tar", "--quoting-style=literal", "-tf", "-");
        assertThat(listing.lines()).containsExactly("d".repeat(120) + "/", name);
    }

    private byte[] tar() throws IOException {
        return blobs.get(packer.pack(upper, Compression.NONE).blob().digest());
    }

    private List<TarEntry> entries() throws IOException {
        List<TarEntry> entries = new ArrayList<>();
        try (ArchiveInput in = new ArchiveInput(new ByteArrayInputStream(tar()), 1L << 40)) {
            TarReader reader = new TarReader(in, ExtractLimits.LAYER);
            for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
                entries.add(next.get());
            }
        }
        return entries;
    }
}
