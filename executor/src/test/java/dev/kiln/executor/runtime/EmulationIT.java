package dev.kiln.executor.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What this machine's kernel really runs; which emulators it has, the tests do not say. */
@Tag("privileged")
class EmulationIT {
    @TempDir
    Path folder;

    private Emulation emulation;

    @BeforeEach
    void open() {
        emulation = new Emulation(folder.resolve("emulation"));
    }

    @Test
    void ownProcessor_runs() throws Exception {
        emulation.require(Platform.host());
        emulation.require(Platform.host());
        try (Stream<Path> left = Files.list(folder.resolve("emulation"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void otherSystem_refused() {
        assertThatThrownBy(() -> emulation.require(Platform.parse("windows/amd64"))).isInstanceOf(RuntimeFailure.class)
            .hasMessageContaining("runs no programs for windows");
    }

    @Test
    void unknownProcessor_refused() {
        assertThatThrownBy(() -> emulation.require(Platform.parse("linux/pdp11"))).isInstanceOf(RuntimeFailure.class)
            .hasMessageContaining("linux/pdp11, which it does not know");
    }

    @Test
    void leftovers_removed() throws Exception {
        Files.createDirectories(folder.resolve("emulation/123"));
        emulation.clean();
        assertThat(folder.resolve("emulation")).doesNotExist();
        emulation.clean();
    }
}
