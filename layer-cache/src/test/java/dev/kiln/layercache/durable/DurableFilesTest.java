package dev.kiln.layercache.durable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DurableFilesTest {
    @TempDir
    Path root;

    @Test
    void write_newDirectories_madeAndFileIsThere() throws IOException {
        try (TempFolder temp = TempFolder.open(root.resolve("tmp"))) {
            DurableFiles.write(temp, root.resolve("a/b/c"), new byte[]{1, 2});
        }

        assertThat(root.resolve("a/b/c")).hasBinaryContent(new byte[]{1, 2});
    }

    @Test
    void write_existing_replacedWhileOldReadersReadOn() throws IOException {
        Path file = root.resolve("x");
        try (TempFolder temp = TempFolder.open(root.resolve("tmp"))) {
            DurableFiles.write(temp, file, new byte[]{1});
            try (var old = Files.newInputStream(file)) {
                DurableFiles.write(temp, file, new byte[]{2});
                assertThat(old.read()).isEqualTo(1);
            }
        }

        assertThat(file).hasBinaryContent(new byte[]{2});
    }

    @Test
    void write_targetIsADirectory_failsAndLeavesNoTemp() throws IOException {
        Files.createDirectories(root.resolve("x/y"));
        try (TempFolder temp = TempFolder.open(root.resolve("tmp"))) {
            Path first = temp.newPath();

            assertThatThrownBy(() -> DurableFiles.write(temp, root.resolve("x"), new byte[]{1}))
                .isInstanceOf(IOException.class);

            try (var left = Files.list(first.getParent())) {
                assertThat(left.map(p -> p.getFileName().toString())).containsExactly("lock");
            }
        }
    }

    @Test
    void createDirectories_fileInTheWay_fails() throws IOException {
        Files.writeString(root.resolve("f"), "");

        assertThatThrownBy(() -> DurableFiles.createDirectories(root.resolve("f"))).isInstanceOf(IOException.class);
    }
}
