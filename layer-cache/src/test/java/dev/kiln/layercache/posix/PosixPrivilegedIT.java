package dev.kiln.layercache.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileStat.Owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Tag("privileged")
class PosixPrivilegedIT {
    @TempDir
    Path temp;

    private RawPath root;

    @BeforeEach
    void root() {
        root = RawPath.of(temp);
    }

    @Test
    void chown_largeIds_comeBack() throws IOException {
        Files.createFile(temp.resolve("f"));
        Posix.symlink(RawPath.ofUtf8("f"), root.resolve("link"));
        Owner owner = new Owner(4_294_967_290L, 3_000_000_000L);
        Posix.chown(root.resolve("link"), owner);
        assertThat(Posix.lstat(root.resolve("link")).owner()).isEqualTo(owner);
        assertThat(Posix.lstat(root.resolve("f")).owner()).isEqualTo(Owner.ROOT);
    }

    @Test
    void mknod_device_hasItsNumbers() throws IOException {
        Posix.mknod(root.resolve("c"), FileType.CHARACTER_DEVICE, 0600, new Device(300, 70_000));
        Posix.mknod(root.resolve("whiteout"), FileType.CHARACTER_DEVICE, 0, Device.NONE);
        assertThat(Posix.lstat(root.resolve("c")).device()).isEqualTo(new Device(300, 70_000));
        assertThat(Posix.lstat(root.resolve("whiteout")).device()).isEqualTo(Device.NONE);
    }

    @Test
    void deleteTree_immutableNames_removesThem() throws Exception {
        Path tree = Files.createDirectories(temp.resolve("tree/d"));
        Files.createFile(tree.resolve("f"));
        run("chattr", "+i", tree.resolve("f").toString(), tree.toString(), tree.getParent().toString());
        Posix.deleteTree(root.resolve("tree"));
        assertThat(temp).isEmptyDirectory();
        Files.createFile(temp.resolve("f"));
        run("chattr", "+i", temp.resolve("f").toString());
        Posix.deleteTree(root.resolve("f"));
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void deleteTree_somethingMountedInside_isRefusedUntouched() throws Exception {
        Path source = Files.createDirectory(temp.resolve("source"));
        Files.createFile(source.resolve("kept"));
        Path target = Files.createDirectories(temp.resolve("tree/mounted"));
        run("mount", "--bind", source.toString(), target.toString());
        try {
            assertThatExceptionOfType(PosixException.class).isThrownBy(() -> Posix.deleteTree(root.resolve("tree")))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
            assertThat(source.resolve("kept")).exists();
        } finally {
            run("umount", target.toString());
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
