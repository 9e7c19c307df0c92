package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.runtime.UserLookup.Identity;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class UserLookupTest {
    @TempDir
    Path root;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectory(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), """
                root:x:0:0:root:/root:/bin/sh

                bob:x:1000:1001::/home/bob:/bin/sh
                bob:x:2000:2000::/second:/bin/sh
                1234:x:7:8::/:/bin/sh
                broken
                odd:x:many:some
                """);
        Files.writeString(root.resolve("etc/group"), """
                # groups
                root:x:0:
                bob:x:1001:
                  wheel:x:10:root,bob
                staff:x:50:bob,alice
                also:x:1001:bob
                short
                """);
    }

    private Identity find(String user) throws IOException {
        return new UserLookup(new ContainerRoot(RawPath.of(root))).find(user);
    }

    @ParameterizedTest
    @CsvSource({"'',0,0,0 10", "root,0,0,0 10", "bob,1000,1001,1001 10 50", "1000,1000,1001,1001 10 50",
        "4242,4242,0,0",
        "bob:wheel,1000,10,10", "bob:77,1000,77,77", "4242:wheel,4242,10,10", "4242:4343,4242,4343,4343",
        ":50,0,50,50", "1234,1234,0,0", "odd,0,0,0", "0:0,0,0,0", "+5:6,5,6,6"})
    @Tag("row:6.4")
    void find_asDockerDoes(String user, long uid, long gid, String groups) throws IOException {
        List<Long> expected = List.of(groups.split(" ")).stream().map(Long::valueOf).toList();

        assertThat(find(user)).isEqualTo(new Identity(uid, gid, expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "bob:nogroup", "1:nogroup", "nobody:0", "-1", "2147483648",
        "99999999999999999999",
        "1:-7"})
    @Tag("row:6.4")
    void find_whatIsNotThere_isTheStepsFault(String user) {
        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find(user))
            .satisfies(e -> assertThat(e.code()).isEqualTo(RuntimeFailure.Code.STEP))
            .satisfies(e -> assertThat(e.retryable()).isFalse());
    }

    @Test
    void find_withoutFiles_knowsNumbersAndRoot() throws IOException {
        Files.delete(root.resolve("etc/passwd"));
        Files.delete(root.resolve("etc/group"));

        assertThat(find("")).isEqualTo(new Identity(0, 0, List.of(0L)));
        assertThat(find("5")).isEqualTo(new Identity(5, 0, List.of(0L)));
        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find("bob"));
    }

    @Test
    void find_passwdLinkedToTheHost_staysInTheRoot(@TempDir Path host) throws IOException {
        Path secret = Files.writeString(host.resolve("passwd"), "intruder:x:0:0::/:/bin/sh\n");
        Files.delete(root.resolve("etc/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), secret);
        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find("intruder"));

        Files.delete(root.resolve("etc/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("../../../../../../../..", secret.toString()));
        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find("intruder"));
    }

    @Test
    void find_passwdLinkedInsideTheRoot_isRead() throws IOException {
        Files.createDirectories(root.resolve("usr/lib"));
        Files.move(root.resolve("etc/passwd"), root.resolve("usr/lib/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/usr/lib/passwd"));

        assertThat(find("bob").uid()).isEqualTo(1000);
    }

    @Test
    void find_linksInACircle_isTheStepsFault() throws IOException {
        Files.delete(root.resolve("etc/passwd"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("passwd"));

        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find("bob"))
            .withMessageContaining("too many symbolic links");
    }

    @Test
    void find_hugePasswd_isRefused() throws IOException {
        try (var file = new java.io.RandomAccessFile(root.resolve("etc/passwd").toFile(), "rw")) {
            file.setLength(1L << 40);
        }

        assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(() -> find("bob"))
            .withMessageContaining("longer than");
    }

    @Test
    void find_passwdThatIsNoFile_countsAsMissing() throws Exception {
        Files.delete(root.resolve("etc/passwd"));
        Files.createDirectory(root.resolve("etc/passwd"));

        assertThat(find("5")).isEqualTo(new Identity(5, 0, List.of(0L)));
    }
}
