package dev.kiln.executor.source;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ContextFilesTest {
    @TempDir
    Path directory;
    private Path root;

    @BeforeEach
    void context() throws Exception {
        root = Files.createDirectories(directory.resolve("context/sub")).getParent();
        Files.writeString(directory.resolve("secret"), "outside");
        Files.writeString(root.resolve("sub/real"), "FROM scratch");
    }

    private String read(String path) throws Exception {
        return new String(new ContextFiles(root).dockerfile(path), StandardCharsets.UTF_8);
    }

    @Test
    @Tag("row:11.1")
    void dockerfile_anyPath_isRead() throws Exception {
        assertThat(read("sub/real")).isEqualTo("FROM scratch");
        assertThat(read("/sub/./../sub/real")).isEqualTo("FROM scratch");
    }

    @Test
    @Tag("row:11.1")
    void dockerfile_usualName_mayBeLowerCase() throws Exception {
        Files.writeString(root.resolve("sub/dockerfile"), "lower");
        assertThat(read("sub/Dockerfile")).isEqualTo("lower");
        assertThatThrownBy(() -> read("sub/Other")).isInstanceOf(ContextException.class);
    }

    @Test
    @Tag("row:11.1")
    void dockerfile_link_isFollowedInside() throws Exception {
        Files.createSymbolicLink(root.resolve("relative"), Path.of("sub/real"));
        Files.createSymbolicLink(root.resolve("absolute"), Path.of("/sub/real"));
        Files.createSymbolicLink(root.resolve("sub/up"), Path.of("../../../../relative"));
        assertThat(read("relative")).isEqualTo("FROM scratch");
        assertThat(read("absolute")).isEqualTo("FROM scratch");
        assertThat(read("sub/up")).isEqualTo("FROM scratch");
    }

    @Test
    @Tag("row:11.1")
    void dockerfile_leadingOut_isNotFound() throws Exception {
        Files.createSymbolicLink(root.resolve("out"), directory.resolve("secret"));
        for (String path : new String[]{"out", "../secret", "sub/../../secret", "/../secret"}) {
            refused(path, "no such file");
        }
    }

    @Test
    void dockerfile_unusable_isRefused() throws Exception {
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        try (RandomAccessFile large = new RandomAccessFile(root.resolve("large").toFile(), "rw")) {
            large.setLength((16 << 20) + 1);
        }
        refused("loop", "too many symbolic links");
        refused("large", "bytes");
        refused("sub", "is not a file");
        refused("", "is not a file");
        refused("sub/real/below", "no such file");
    }

    private void refused(String path, String reason) {
        assertThatThrownBy(() -> read(path)).isInstanceOfSatisfying(ContextException.class,
                e -> assertThat(e.code()).isEqualTo(ContextException.Code.NO_DOCKERFILE))
            .hasMessageContaining(reason);
    }
}
