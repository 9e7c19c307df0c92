package dev.kiln.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;

/** What the registry has promised to a client stands when the process is another. */
@Timeout(60)
class RegistryRestartTest {
    private static final byte[] BYTES = "layer".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.sha256(BYTES);
    private static final byte[] EVERYTHING = "{\"all\":true}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @Test
    void prune_afterRestart_leavesWhatWasJustPushed() throws Exception {
        pushAt(Duration.ZERO);
        try (TestFarm farm = new TestFarm(folder)) {
            farm.awaitReady();
            assertThat(farm.send("POST", "/v1/prune", EVERYTHING).statusCode()).isEqualTo(200);
            assertThat(farm.content.file(DIGEST)).isPresent();

            farm.clock.advance(Duration.ofMinutes(61));
            assertThat(farm.send("POST", "/v1/prune", EVERYTHING).statusCode()).isEqualTo(200);
            assertThat(farm.content.file(DIGEST)).isEmpty();
        }
    }

    @Test
    void prune_afterRestart_takesWhatWasPushedLongAgo() throws Exception {
        pushAt(Duration.ofMinutes(-61));
        try (TestFarm farm = new TestFarm(folder)) {
            farm.awaitReady();
            assertThat(farm.send("POST", "/v1/prune", EVERYTHING).statusCode()).isEqualTo(200);
            assertThat(farm.content.file(DIGEST)).isEmpty();
        }
    }

    /** Pushes a blob, as if at a time before or after that of the next farm's clock. */
    private void pushAt(Duration offset) throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            assertThat(farm.send("POST", "/v2/a/blobs/uploads/?digest=" + DIGEST, BYTES).statusCode()).isEqualTo(201);
            Files.setLastModifiedTime(farm.content.file(DIGEST).orElseThrow(),
                    FileTime.from(farm.clock.instant().plus(offset)));
        }
    }
}
