package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;

class ContainerRootTest {
    @TempDir
    Path root;

    @BeforeEach
    void links() throws IOException {
        Files.createDirectories(root.resolve("a/b"));
        Files.createSymbolicLink(root.resolve("abs"), Path.of("/a"));
        Files.createSymbolicLink(root.resolve("rel"), Path.of("a/../a/b"));
        Files.createSymbolicLink(root.resolve("out"), Path.of("../../../../../etc"));
        Files.createSymbolicLink(root.resolve("a/up"), Path.of(".."));
        Files.createSymbolicLink(root.resolve("dangling"), Path.of("/no/such"));
    }

    @ParameterizedTest
    @CsvSource({"/,''", "/a/b,/a/b", "a//./b/,/a/b", "/abs/b,/a/b", "/rel/c,/a/b/c", "/out/passwd,/etc/passwd",
        "/../../etc,/etc", "/a/up/a,/a", "/dangling/x,/no/such/x", "/missing/../a,/a", "/rel/../up/abs,/a"})
    void resolve_staysInside(String path, String expected) throws IOException {
        assertThat(new ContainerRoot(RawPath.of(root)).resolve(path).toString()).isEqualTo(root + expected);
    }
}
