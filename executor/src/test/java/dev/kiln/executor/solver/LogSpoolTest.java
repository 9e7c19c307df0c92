package dev.kiln.executor.solver;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class LogSpoolTest {
    @TempDir
    Path directory;

    @Test
    void output_moreThanFitsInMemory_isReplayedWholeAndItsFileRemoved() throws Exception {
        byte[] line = "0123456789".repeat(100).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] err = {0};
        try (LogSpool spool = new LogSpool(directory)) {
            for (int i = 0; i < 1000; i++) {
                spool.append(i % 2 + 1, line, line.length);
            }
            try (var files = Files.list(directory)) {
                assertThat(files).hasSize(1);
            }
            spool.replay((stream, bytes, length) -> {
                if (stream == 1) {
                    out.write(bytes, 0, length);
                } else {
                    err[0] += length;
                }
            });
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
            .isEqualTo(new String(line, StandardCharsets.UTF_8).repeat(500));
        assertThat(err[0]).isEqualTo(500 * line.length);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void output_thatCannotBeKept_isReplayedAsASentence() {
        LogSpool spool = new LogSpool(directory.resolve("missing"));
        byte[] much = new byte[100_000];
        spool.append(1, much, much.length);
        StringBuilder heard = new StringBuilder();
        spool.replay((stream, bytes, length) -> heard.append(new String(bytes, 0, length, StandardCharsets.UTF_8)));
        assertThat(heard.toString()).contains("could not be kept");
    }
}
