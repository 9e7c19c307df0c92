package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.runtime.ProcessSpec.Limits;
import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;

class ExecutableCheckTest {
    @TempDir
    Path root;

    @BeforeEach
    void programs() throws IOException {
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("opt"));
        Files.createDirectories(root.resolve("lib"));
        program("lib/ld.so", new byte[]{1});
        program("bin/static", elf(""));
        program("bin/dynamic", elf("/lib/ld.so"));
        program("bin/orphan", elf("/lib/ld-musl.so"));
        program("bin/script", "#! /bin/static -x\n".getBytes(StandardCharsets.UTF_8));
        program("bin/badscript", "#!/no/sh\n".getBytes(StandardCharsets.UTF_8));
        program("bin/text", "echo\n".getBytes(StandardCharsets.UTF_8));
        program("bin/empty", new byte[0]);
        program("bin/cut", new byte[]{0x7f, 'E', 'L', 'F', 2, 1});
        Files.writeString(root.resolve("opt/plain"), "x");
        program("opt/static", elf(""));
        Files.createSymbolicLink(root.resolve("bin/link"), Path.of("/bin/static"));
    }

    private void program(String name, byte[] content) throws IOException {
        Files.write(root.resolve(name), content);
        Files.setPosixFilePermissions(root.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A 64-bit program with one program header, of a loader or of none. */
    private static byte[] elf(String loader) {
        ByteBuffer elf = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[]{0x7f, 'E', 'L', 'F', 2, 1});
        elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
        elf.putInt(64, loader.isEmpty() ? 1 : 3).putLong(72, 120).putLong(96, loader.length() + 1L);
        elf.position(120).put(loader.getBytes(StandardCharsets.UTF_8));
        return elf.array();
    }

    private OptionalInt problem(String cwd, String path, String... args) throws IOException {
        Limits unlimited = new Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty());
        return new ExecutableCheck(new ContainerRoot(RawPath.of(root)), List.of())
            .problem(new ProcessSpec("x", root, root,
                    List.of(args), List.of("PATH=" + path), cwd, "", Network.NONE, unlimited));
    }

    @ParameterizedTest
    @CsvSource({"static,0", "dynamic,0", "script,0", "link,0", "/opt/static,0", "bin/static,0", "orphan,127",
        "badscript,127", "nosuch,127", "/nosuch,127", "text,126", "empty,126", "/opt/plain,126", "/opt,126", "cut,0"})
    void problem_isThatOfAShell(String program, int code) throws IOException {
        assertThat(problem("/", "/bin", program).orElse(0)).isEqualTo(code);
    }

    @Test
    void path_isSearchedToItsEnd() throws IOException {
        assertThat(problem("/", "/nosuch:/opt:/bin", "static")).isEmpty();
        assertThat(problem("/", "/bin:/opt", "plain")).hasValue(126);
        assertThat(problem("/", "", "static")).hasValue(127);
        assertThat(problem("/opt", "", "./static")).isEmpty();
        assertThat(problem("/", "/bin")).hasValue(127);
    }
}
