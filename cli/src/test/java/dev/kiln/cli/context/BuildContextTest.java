package dev.kiln.cli.context;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BuildContextTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void dockerfile() throws IOException {
        put("Dockerfile", "FROM scratch\n");
    }

    private Path put(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private List<TarArchiveEntry> entries() throws Exception {
        List<TarArchiveEntry> entries = new ArrayList<>();
        try (BuildContext context = BuildContext.open(folder.toString(), Optional.empty());
                TarArchiveInputStream tar = new TarArchiveInputStream(context.open())) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null;) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private List<String> names() throws Exception {
        return entries().stream().map(TarArchiveEntry::getName).toList();
    }

    @Test
    void open_folder_holdsItsFilesInOrder() throws Exception {
        put("b/two", "2");
        put("a", "1");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc/passwd"));
        assertThat(names()).containsExactly("Dockerfile", "a", "b/", "b/two", "link");
    }

    @Test
    void open_modesAndTimes_areKeptAndOwnersAreNot() throws Exception {
        Path file = put("run", "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000)));
        TarArchiveEntry entry = entries().getLast();
        assertThat(entry.getMode() & 07777).isEqualTo(0751);
        assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(Instant.ofEpochSecond(1_700_000_000));
        assertThat(entry.getLongUserId()).isZero();
        assertThat(entry.getUserName()).isEmpty();
    }

    @Test
    @Tag("row:11.3")
    void open_ignoredFiles_stayBehind() throws Exception {
        put(".dockerignore", "*.o\nsecret\n!secret/public\n");
        put("a.o", "");
        put("secret/key", "");
        put("secret/public", "");
        assertThat(names()).containsExactly(".dockerignore", "Dockerfile", "secret/", "secret/public");
    }

    @Test
    @Tag("row:11.3")
    void open_exceptionForADirectoryThatIsNotIgnored_bringsNothingBack() throws Exception {
        put(".dockerignore", "sub/g\n!sub\n");
        put("sub/g", "");
        put("sub/h", "");
        assertThat(names()).containsExactly(".dockerignore", "Dockerfile", "sub/", "sub/h");
    }

    @Test
    @Tag("row:11.2")
    void open_ignoreFileOfTheDockerfile_wins() throws Exception {
        put(".dockerignore", "a\n");
        put("Dockerfile.dockerignore", "b\n");
        put("a", "");
        put("b", "");
        assertThat(names()).contains("a").doesNotContain("b");
    }

    @Test
    void open_sameFilesTwice_haveOneDigest() throws Exception {
        put("a", "1");
        try (BuildContext one = BuildContext.open(folder.toString(), Optional.empty());
                BuildContext two = BuildContext.open(folder.toString(), Optional.empty())) {
            assertThat(one.digest()).isEqualTo(two.digest());
            assertThat(Digest.sha256(one.open().readAllBytes())).isEqualTo(one.digest());
        }
    }

    @Test
    void open_largeContext_isReadBackWhole() throws Exception {
        Files.write(folder.resolve("big"), new byte[20 << 20]);
        try (BuildContext context = BuildContext.open(folder.toString(), Optional.empty())) {
            assertThat(Digest.sha256(context.open().readAllBytes())).isEqualTo(context.digest());
            assertThat(context.size()).isGreaterThan(20 << 20);
        }
    }

    @Test
    void open_noDockerfile_saysWhereItLooked() {
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> BuildContext.open(folder.resolve("none").toString(), Optional.empty()))
            .withMessageContaining("not a folder");
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> BuildContext.open(folder.toString(), Optional.of(folder + "/other")))
            .withMessageContaining("no Dockerfile at")
            .withMessageContaining("other");
    }

    @Test
    void open_address_isRefused() {
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> BuildContext.open("https://example.org/x.git", Optional.empty()))
            .withMessageContaining("not supported yet");
    }
}
