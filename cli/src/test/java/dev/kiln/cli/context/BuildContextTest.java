package dev.kiln.cli.context;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

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

    private BuildContext open(String where, Optional<String> file, String stdin) throws Exception {
        return BuildContext.open(where, file, new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
    }

    private BuildContext open() throws Exception {
        return open(folder.toString(), Optional.empty(), "");
    }

    private static ContextTar tar(BuildContext context) {
        return ((BuildContext.Source.Archive) context.source()).tar();
    }

    private ContextListing listing() throws Exception {
        try (BuildContext context = open()) {
            FolderFiles files = ((BuildContext.Source.Folder) context.source()).files();
            return files.look(FileMemory.of(folder, Map.of("XDG_CACHE_HOME", folder.resolve("none").toString())))
                .listing();
        }
    }

    private static List<TarArchiveEntry> entries(ContextTar from) throws Exception {
        List<TarArchiveEntry> entries = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(from.open())) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null;) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private List<String> names() throws Exception {
        return listing().entries()
            .stream()
            .map(entry -> entry.name() + (entry instanceof ContextEntry.Directory ? "/" : ""))
            .toList();
    }

    @Test
    void open_folder_holdsItsFilesInOrder() throws Exception {
        put("b/two", "2");
        put("a", "1");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc/passwd"));
        assertThat(names()).containsExactly("Dockerfile", "a", "b/", "b/two", "link");
    }

    @Test
    void open_modesAndTimes_areKept() throws Exception {
        Path file = put("run", "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000, 5_000)));
        assertThat(listing().entries().getLast()).isEqualTo(new ContextEntry.File(RawPath.ofUtf8("run"), 0751,
                Instant.ofEpochSecond(1_700_000_000, 5_000), 1, Digest.sha256(new byte[]{'x'})));
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
        ContextListing first = listing();
        assertThat(listing().digest()).isEqualTo(first.digest());
        put("a", "2");
        assertThat(listing().digest()).isNotEqualTo(first.digest());
    }

    @Test
    void open_noDockerfile_saysWhereItLooked() {
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> open(folder.resolve("none").toString(), Optional.empty(), ""))
            .withMessageContaining("not found");
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> open(folder.toString(), Optional.of(folder + "/other"), ""))
            .withMessageContaining("no such file or directory")
            .withMessageContaining("other");
    }

    @Test
    void open_dockerfileInTheContext_isNamedByItsPath() throws Exception {
        Path file = put("docker/app.Dockerfile", "FROM scratch\n");
        put(".dockerignore", "*.o\n");
        try (BuildContext context = open(folder.toString(), Optional.of(file.toString()), "")) {
            assertThat(context.dockerfile()).isEqualTo("docker/app.Dockerfile");
            assertThat(context.dockerfileFrom()).isEmpty();
            assertThat(context.ignorePatterns()).hasValue("*.o\n");
            assertThat(context.text()).asString(StandardCharsets.UTF_8).isEqualTo("FROM scratch\n");
        }
    }

    @Test
    void open_dockerfileThatTheContextLacks_isSentApart(@TempDir Path elsewhere) throws Exception {
        Path outside = Files.writeString(elsewhere.resolve("Outside"), "FROM outside\n");
        assertApart(open(folder.toString(), Optional.of(outside.toString()), ""), "Outside", "FROM outside\n");
        Files.createSymbolicLink(folder.resolve("Link"), outside);
        assertApart(open(folder.toString(), Optional.of(folder + "/Link"), ""), "Link", "FROM outside\n");
        put(".dockerignore", "Dockerfile\n");
        assertApart(open(), "Dockerfile", "FROM scratch\n");
        assertThat(names()).doesNotContain("Dockerfile");
    }

    @Test
    void open_dockerfileOnStandardInput_isSentApart() throws Exception {
        assertApart(open(folder.toString(), Optional.of("-"), "FROM stdin\n"), "Dockerfile", "FROM stdin\n");
        BuildContext remote = open("https://git.example/x.git#main", Optional.of("-"), "FROM stdin\n");
        assertThat(remote.source()).hasToString(
                "Elsewhere[reference=Git[address=https://git.example/x.git#main]]");
        assertApart(remote, "Dockerfile", "FROM stdin\n");
    }

    private static void assertApart(BuildContext opened, String name, String text) throws Exception {
        try (BuildContext context = opened) {
            assertThat(context.dockerfile()).isEqualTo(name);
            ContextTar tar = context.dockerfileFrom().orElseThrow();
            assertThat(entries(tar)).extracting(TarArchiveEntry::getName).containsExactly(name);
            assertThat(context.text()).asString(StandardCharsets.UTF_8).isEqualTo(text);
        }
    }

    @Test
    void open_address_isLeftToTheFarm() throws Exception {
        try (BuildContext context = open("https://example.org/x.tar.gz", Optional.of("sub/Dockerfile"), "")) {
            assertThat(context.source()).hasToString(
                    "Elsewhere[reference=Http[address=https://example.org/x.tar.gz]]");
            assertThat(context.dockerfile()).isEqualTo("sub/Dockerfile");
            assertThatExceptionOfType(ContextException.class).isThrownBy(context::text)
                .withMessageContaining("only a build on the farm fetches");
        }
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> open("https://u:p@example.org/x", Optional.empty(), ""))
            .withMessageContaining("must not hold credentials");
    }

    @Test
    void open_standardInput_isATarOrADockerfile() throws Exception {
        try (BuildContext context = open("-", Optional.empty(), "FROM scratch\n")) {
            assertThat(context.source()).hasToString("Elsewhere[reference=Empty[]]");
            assertThat(context.text()).asString(StandardCharsets.UTF_8).isEqualTo("FROM scratch\n");
        }
        byte[] archive;
        try (ContextTar tar = ContextTar.ofFile("Dockerfile", "FROM scratch\n".getBytes(StandardCharsets.UTF_8))) {
            archive = tar.open().readAllBytes();
        }
        try (BuildContext context = BuildContext.open("-", Optional.empty(), new ByteArrayInputStream(archive))) {
            assertThat(tar(context).digest()).isEqualTo(Digest.sha256(archive));
            assertThat(context.text()).asString(StandardCharsets.UTF_8).isEqualTo("FROM scratch\n");
        }
        byte[] gzip = {0x1f, (byte) 0x8b, 8, 0};
        try (BuildContext context = BuildContext.open("-", Optional.empty(), new ByteArrayInputStream(gzip))) {
            assertThat(tar(context).size()).isEqualTo(4);
        }
    }

    @Test
    void open_standardInputTwiceOrEmpty_isRefused() {
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> open("-", Optional.of("-"), "x"))
            .withMessageContaining("can't use stdin for both build context and dockerfile");
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> open("-", Optional.of("Dockerfile"), "FROM scratch"))
            .withMessageContaining("ambiguous Dockerfile source");
        assertThatExceptionOfType(ContextException.class)
            .isThrownBy(() -> open("-", Optional.empty(), ""))
            .withMessageContaining("failed to peek context header from STDIN");
    }
}
