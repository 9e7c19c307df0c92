package dev.kiln.executor.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class TinyProgramsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"amd64, x86_64", "386, i386", "arm64, aarch64", "arm, arm", "riscv64, riscv64", "ppc64le, ppc64le",
        "s390x, s390x", "mips64le, mips64el", "loong64, loongarch64"})
    void program_endsWell(String architecture, String emulator) throws Exception {
        byte[] program = TinyPrograms.of(architecture).orElseThrow();
        assertThat(program).hasSizeLessThan(200).startsWith(0x7f, 'E', 'L', 'F');
        Optional<Path> qemu = Tool.find("qemu-" + emulator + "-static");
        boolean own = architecture.equals("amd64") && System.getProperty("os.arch").equals("amd64");
        Assumptions.assumeTrue(own || qemu.isPresent(), "qemu-user-static is not installed");
        Path file = folder.resolve(architecture);
        Files.write(file, program);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process process = own
                ? new ProcessBuilder(file.toString()).start()
                : new ProcessBuilder(qemu.orElseThrow().toString(), file.toString()).start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void unknown_none() {
        assertThat(TinyPrograms.of("pdp11")).isEmpty();
    }
}
