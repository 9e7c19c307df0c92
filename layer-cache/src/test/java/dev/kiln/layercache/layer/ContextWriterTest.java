package dev.kiln.layercache.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ContextWriterTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000, 5);

    @Test
    void finish_archive_isReadByTarAndByContexts(@TempDir Path temp) throws Exception {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        ContextWriter writer = new ContextWriter(tar);
        writer.directory("d", 0755, TIME);
        writer.file("d/gr\u00fcn", 0644, TIME, 3, content("abc"));
        writer.symlink("l", "d/gr\u00fcn", TIME);
        writer.finish();
        assertThat(Commands.text(temp, tar.toByteArray(), "tar", "--quoting-style=literal", "-tf", "-").lines())
            .containsExactly("d/", "d/gr\u00fcn", "l");
        ContextSummary summary = new ContextArchive(ExtractLimits.CONTEXT)
            .check(new ByteArrayInputStream(tar.toByteArray()), Set.of("d/gr\u00fcn"), 10);
        assertThat(summary.files().get("d/gr\u00fcn")).asString(UTF_8).isEqualTo("abc");
    }

    @Test
    void file_ofAnotherSize_isRefused() {
        ContextWriter writer = new ContextWriter(OutputStream.nullOutputStream());
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> writer.file("f", 0644, TIME, 2, content("abc")))
            .withMessageContaining("longer");
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> writer.file("f", 0644, TIME, 4, content("abc")))
            .withMessageContaining("shorter");
    }

    private static InputStream content(String text) {
        return new ByteArrayInputStream(text.getBytes(UTF_8));
    }
}
