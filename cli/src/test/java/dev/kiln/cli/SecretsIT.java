package dev.kiln.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of a secret on a whole farm: nothing on any disk, in no answer and in no log. */
@Tag("privileged")
class SecretsIT {
    private static final String VALUE = "hunter2-k1ln-never-on-disk";

    @TempDir
    private static Path folder;
    private static FarmFixture farm;

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder);
        farm.importBusybox();
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    @Test
    void secret_ofABuild_isFoundNowhereAfterwards(@TempDir Path outside) throws Exception {
        Path context = farm.context("secret", """
                FROM busybox
                RUN --mount=type=secret,id=token,required=true cat /run/secrets/token > /dev/null && echo used > /used
                """);
        Path file = Files.writeString(outside.resolve("token"), VALUE);
        Command.Result built = farm.kiln("build", "--secret", "id=token,src=" + file, context.toString());
        assertThat(built.exit()).as(built.err()).isZero();
        String id = built.err()
            .lines()
            .filter(line -> line.startsWith("built "))
            .findFirst()
            .orElseThrow()
            .split(" ")[1];
        String shown = built.err() + built.out() + farm.kiln("inspect", id).out() + farm.kiln("logs", id).out()
                + farm.server().errSoFar();
        assertThat(shown).contains("token").doesNotContain(VALUE);
        List<String> forms = List.of(VALUE, Base64.getEncoder().encodeToString(VALUE.getBytes(StandardCharsets.UTF_8)));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.filter(Files::isRegularFile).filter(SecretsIT::hasBytes).toList()) {
                String text = Files.readString(each, StandardCharsets.ISO_8859_1);
                assertThat(forms).as("%s", each).noneMatch(text::contains);
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/secret-key"))))
            .isEqualTo("rw-------");
    }

    /** The names of network namespaces are files that nobody can read. */
    private static boolean hasBytes(Path file) {
        return !file.toString().contains("/containers/net/");
    }
}
