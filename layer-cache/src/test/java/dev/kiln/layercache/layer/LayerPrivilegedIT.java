package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.LayerException.Code;
import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("privileged")
class LayerPrivilegedIT {
    private static final byte[] NET_RAW = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    @TempDir
    Path temp;

    private final InMemoryBlobs blobs = new InMemoryBlobs();
    private final LayerPacker packer = new LayerPacker(blobs, 2);
    private Path upper;
    private RawPath root;

    @BeforeEach
    void upper() throws IOException {
        upper = Files.createDirectory(temp.resolve("upper"));
        root = RawPath.of(upper);
    }

    @AfterEach
    void close() {
        packer.close();
    }

    @Test
    void pack_upperOfARealOverlay_hasItsDeletionsAndNothingElseOfIt() throws Exception {
        Path lower = Files.createDirectories(temp.resolve("lower/dir/sub")).getParent().getParent();
        Files.writeString(lower.resolve("gone"), "x");
        Files.writeString(lower.resolve("changed"), "x");
        Files.writeString(lower.resolve("dir/hidden"), "x");
        Path work = Files.createDirectory(temp.resolve("work"));
        Path merged = Files.createDirectory(temp.resolve("merged"));
        Commands.run(temp, new byte[0], "mount", "-t", "overlay", "overlay", "-o",
                "index=off,metacopy=off,redirect_dir=off,lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work,
                merged.toString());
        try {
            Files.delete(merged.resolve("gone"));
            Files.writeString(merged.resolve("changed"), "y");
            Commands.run(temp, new byte[0], "rm", "-r", merged.resolve("dir").toString());
            Files.createDirectory(merged.resolve("dir"));
            Files.writeString(merged.resolve("dir/new"), "x");
        } finally {
            Commands.run(temp, new byte[0], "umount", merged.toString());
        }
        PackedLayer packed = packer.pack(upper, Compression.NONE);
        byte[] tar = blobs.get(packed.blob().digest());
        assertThat(Commands.text(temp, tar, "tar", "-tf", "-").lines()).containsExactly("changed", "dir/",
                "dir/.wh..wh..opq", "dir/new", ".wh.gone");
        assertThat(new String(tar, StandardCharsets.ISO_8859_1)).doesNotContain("overlay");
    }

    @Test
    void extractAndPack_everythingAnUpperCanHave_givesTheSameLayer() throws IOException {
        fillUpper();
        PackedLayer packed = packer.pack(upper, Compression.GZIP);
        Path target = Files.createDirectory(temp.resolve("target"));

        ExtractedLayer extracted = extract(blobs.get(packed.blob().digest()), target);

        RawPath to = RawPath.of(target);
        assertThat(extracted.diffId()).isEqualTo(packed.diffId());
        assertThat(packer.pack(target, Compression.GZIP)).isEqualTo(packed);
        assertThat(Posix.lstat(to.resolve("gone")).device()).isEqualTo(Device.NONE);
        assertThat(Posix.lstat(to.resolve("gone")).type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(Posix.getxattr(to.resolve("opaque"), "trusted.overlay.opaque")).hasValue(new byte[]{'y'});
        assertThat(Posix.getxattr(to.resolve("capable"), "security.capability")).hasValue(NET_RAW);
        FileStat capable = Posix.lstat(to.resolve("capable"));
        assertThat(capable.owner()).isEqualTo(new Owner(1000, 4_000_000_000L));
        assertThat(capable.mode()).isEqualTo(06755);
        assertThat(Posix.lstat(to.resolve("null")).device()).isEqualTo(new Device(1, 3));
        assertThat(Posix.lstat(to.resolve("link")).owner()).isEqualTo(new Owner(7, 8));
    }

    @Test
    void extractAndPack_layerOfContainerd_givesTheSameTarToTheByte() throws IOException {
        ExtractedLayer extracted;
        try (InputStream layer = LayerPrivilegedIT.class.getResourceAsStream("/layer/containerd/layer.tar.gz")) {
            extracted = new LayerExtractor(ExtractLimits.LAYER, Owners.KEEP).extract(layer, upper, List.of());
        }
        assertThat(extracted.entries()).isEqualTo(20);
        assertThat(packer.pack(upper, Compression.GZIP).diffId()).isEqualTo(extracted.diffId());
    }

    private void fillUpper() throws IOException {
        Files.createDirectory(upper.resolve("opaque"));
        Posix.setxattr(root.resolve("opaque"), "trusted.overlay.opaque", new byte[]{'y'});
        Posix.setxattr(root.resolve("opaque"), "trusted.overlay.impure", new byte[]{'y'});
        Files.createFile(upper.resolve("opaque/f"));
        Posix.mknod(root.resolve("gone"), FileType.CHARACTER_DEVICE, 0, Device.NONE);
        Posix.mknod(root.resolve("null"), FileType.CHARACTER_DEVICE, 0666, new Device(1, 3));
        Posix.mknod(root.resolve("disk"), FileType.BLOCK_DEVICE, 0660, new Device(259, 70_000));
        Posix.mknod(root.resolve("fifo"), FileType.FIFO, 0600, Device.NONE);
        Files.writeString(upper.resolve("capable"), "x");
        Posix.chown(root.resolve("capable"), new Owner(1000, 4_000_000_000L));
        Posix.setxattr(root.resolve("capable"), "security.capability", NET_RAW);
        Posix.chmod(root.resolve("capable"), 06755);
        Posix.link(root.resolve("capable"), root.resolve("second"));
        Posix.symlink(RawPath.ofUtf8("/nowhere"), root.resolve("link"));
        Posix.chown(root.resolve("link"), new Owner(7, 8));
        RawPath odd = root.resolve(RawPath.ofBytes(new byte[]{(byte) 0xfe, '\n'}));
        Posix.mkdir(odd, 0700);
        Posix.chown(odd, new Owner(3, 4));
        Posix.chmod(odd, 02711);
        Posix.mknod(odd.resolve("n".repeat(200)), FileType.REGULAR, 0600, Device.NONE);
    }

    @Test
    void extract_whiteoutsAndEntriesOfOneName_keepTheEntryInEitherOrder() throws IOException {
        byte[] tar = new TestTar().file(".wh.a", "")
            .directory("a", 0755)
            .directory("b", 0755)
            .file(".wh.b", "")
            .file(".wh.c", "")
            .file("c", "x")
            .file("d", "x")
            .file(".wh.d", "")
            .file(".wh.e", "")
            .file("e/below", "x")
            .file(".wh..wh..opq", "")
            .bytes();
        extract(tar, upper);
        for (String name : List.of("a", "b", "e")) {
            assertThat(Posix.getxattr(root.resolve(name), "trusted.overlay.opaque")).as(name)
                .hasValue(new byte[]{'y'});
        }
        assertThat(upper.resolve("c")).hasContent("x");
        assertThat(upper.resolve("d")).hasContent("x");
        assertThat(Posix.getxattr(root, "trusted.overlay.opaque")).hasValue(new byte[]{'y'});
    }

    @Test
    void extract_hardLinkToAWhiteout_isRefused() throws IOException {
        byte[] tar = new TestTar().file(".wh.a", "").hardLink("b", "a").bytes();
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> extract(tar, upper))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.BAD_LINK));
    }

    @Test
    void extract_devicesAndSetIds_areKeptForLayers() throws IOException {
        extract(new TestTar().node(Kind.CHARACTER_DEVICE, "dev/tty", 5, 0).bytes(), upper);
        assertThat(Posix.lstat(root.resolve("dev/tty")).device()).isEqualTo(new Device(5, 0));
        assertThat(Posix.lstat(root.resolve("dev")).mode()).isEqualTo(0755);
    }

    @Test
    void pack_partsInOtherLayers_areRefused() throws IOException {
        Files.createDirectory(upper.resolve("renamed"));
        Posix.setxattr(root.resolve("renamed"), "trusted.overlay.redirect", new byte[]{'x'});
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> packer.pack(upper, Compression.GZIP))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_ENTRY));
    }

    private static ExtractedLayer extract(byte[] tar, Path target) throws IOException {
        return new LayerExtractor(ExtractLimits.LAYER, Owners.KEEP).extract(new ByteArrayInputStream(tar), target,
                List.of());
    }
}
