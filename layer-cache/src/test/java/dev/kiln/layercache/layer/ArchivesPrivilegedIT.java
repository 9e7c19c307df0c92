package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.layer.TarEntry.Kind;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;

@Tag("privileged")
class ArchivesPrivilegedIT {
    private static final byte[] NET_RAW = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    private static final Owner ARCHIVED = new Owner(1000, 1001);
    private static final Owner GIVEN = new Owner(7, 8);

    @TempDir
    Path temp;

    private RawPath target;

    @BeforeEach
    void target() throws IOException {
        target = RawPath.of(Files.createDirectory(temp.resolve("target")));
    }

    private static TestTar tar() throws IOException {
        Attributes attributes = new Attributes(04755, ARCHIVED, TestTar.TIME,
                Map.of("security.capability", NET_RAW, "trusted.overlay.opaque", new byte[]{'y'}));
        return new TestTar().file(RawPath.ofUtf8("implied/program"), new byte[3], attributes)
            .symlink("link", "program")
            .hardLink("again", "implied/program")
            .node(Kind.CHARACTER_DEVICE, "null", 1, 3)
            .node(Kind.FIFO, "fifo", 0, 0);
    }

    private void extract(Optional<Owner> owner) throws IOException {
        new Archives(ExtractLimits.CONTEXT, Owners.KEEP).extract(new ByteArrayInputStream(tar().bytes()), target,
                owner);
    }

    @Test
    void extract_asRoot_keepsWhatTheArchiveSays() throws IOException {
        TestTar single = new TestTar().file(RawPath.ofUtf8("f"), new byte[0],
                new Attributes(04755, ARCHIVED, TestTar.TIME, Map.of("security.capability", NET_RAW)));
        new Archives(ExtractLimits.CONTEXT, Owners.KEEP).extract(new ByteArrayInputStream(single.bytes()), target,
                Optional.empty());

        FileStat file = Posix.lstat(target.resolve("f"));
        assertThat(file.owner()).isEqualTo(ARCHIVED);
        assertThat(file.mode()).isEqualTo(04755);
        assertThat(Posix.getxattr(target.resolve("f"), "security.capability")).hasValue(NET_RAW);
    }

    @Test
    void context_asRoot_keepsOwnersButNoAttributes() throws IOException {
        byte[] tar = new TestTar().file(RawPath.ofUtf8("f"), new byte[0],
                new Attributes(0755, ARCHIVED, TestTar.TIME, Map.of("security.capability", NET_RAW)))
            .bytes();

        new ContextArchive(ExtractLimits.CONTEXT).extract(new ByteArrayInputStream(tar), temp.resolve("target"),
                Owners.KEEP);

        assertThat(Posix.lstat(target.resolve("f")).owner()).isEqualTo(ARCHIVED);
        assertThat(Posix.listxattr(target.resolve("f"))).isEmpty();
    }

    @Test
    void extract_devicesAndFifos_areMade_mountsAttributesAreNot() throws IOException {
        extract(Optional.empty());

        FileStat device = Posix.lstat(target.resolve("null"));
        assertThat(device.type()).isEqualTo(FileType.CHARACTER_DEVICE);
        assertThat(device.device()).isEqualTo(new Device(1, 3));
        assertThat(Posix.lstat(target.resolve("fifo")).type()).isEqualTo(FileType.FIFO);
        assertThat(Posix.listxattr(target.resolve("implied/program"))).doesNotContain("trusted.overlay.opaque");
    }

    @Test
    void extract_givenOwner_getsAll_butImpliedDirectories() throws IOException {
        extract(Optional.of(GIVEN));

        for (String name : new String[]{"implied/program", "link", "again", "null", "fifo"}) {
            assertThat(Posix.lstat(target.resolve(name)).owner()).as(name).isEqualTo(GIVEN);
        }
        assertThat(Posix.lstat(target.resolve("implied")).owner()).isEqualTo(Owner.ROOT);
        assertThat(Posix.lstat(target).owner()).isEqualTo(Owner.ROOT);
    }
}
