package dev.kiln.layercache.posix;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SpreadingTest {
    @TempDir
    Path folder;

    @Test
    void of_directory_holdsWhereTheFilesystemKnowsIt_andDoesNoHarmElsewhere() throws Exception {
        boolean first = Spreading.of(RawPath.of(folder));
        assertThat(Spreading.of(RawPath.of(folder))).as("again").isEqualTo(first);
        if (Files.getFileStore(folder).type().equals("ext4")) {
            assertThat(first).isTrue();
        }
        assertThat(Files.createDirectory(folder.resolve("made"))).isDirectory();
    }

    @Test
    void of_nothing_isAnError() {
        assertThatThrownBy(() -> Spreading.of(RawPath.of(folder.resolve("missing"))))
            .isInstanceOf(PosixException.class);
    }
}
