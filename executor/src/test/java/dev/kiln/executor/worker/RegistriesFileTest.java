package dev.kiln.executor.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.registry.HostSettings;
import dev.kiln.layercache.registry.HostSettings.Mirror;

import static org.assertj.core.api.Assertions.assertThat;

class RegistriesFileTest {
    @TempDir
    private Path folder;

    private RegistriesFile.Read read(String text) throws IOException {
        return RegistriesFile.read(Files.writeString(folder.resolve("registries.yaml"), text));
    }

    private String at(int line, String problem) {
        return folder.resolve("registries.yaml") + ":" + line + ": " + problem;
    }

    @Test
    void read_everything_isUnderstood() throws Exception {
        RegistriesFile.Read read = read("""
                registries:
                  docker.io:
                    mirrors: [mirror.example:5000, "harbor.example/hub/"]
                    resolveTtl: 30s
                    connections: 4
                  "[::1]:5000":
                    http: true
                  r.example:
                    mirrors: only.example
                    insecure: true
                  plain.example:
                """);
        assertThat(read.problems()).isEmpty();
        Map<String, HostSettings> hosts = read.hosts();
        assertThat(hosts.get("docker.io")).isEqualTo(new HostSettings(
                List.of(new Mirror("mirror.example:5000", ""), new Mirror("harbor.example", "hub")),
                Optional.empty(), Optional.empty(), OptionalInt.of(4), Duration.ofSeconds(30)));
        assertThat(hosts.get("[::1]:5000").plainHttp()).contains(true);
        assertThat(hosts.get("r.example").tls()).isPresent();
        assertThat(hosts.get("r.example").mirrors()).containsExactly(new Mirror("only.example", ""));
        assertThat(hosts.get("plain.example")).isEqualTo(HostSettings.STANDARD);
    }

    @Test
    void read_everythingWrong_isToldAtOnceWithItsLine() throws Exception {
        Path none = folder.resolve("none.pem");
        RegistriesFile.Read read = read("""
                registries:
                  r.example:
                    mirror: x
                    http: yes
                    connections: 0
                    resolveTtl: soon
                    mirrors:
                      - "https://m.example"
                      - r.example
                      - [a]
                  s.example:
                    ca: none.pem
                  t.example:
                    cert: c.pem
                  u.example:
                    http: true
                    insecure: true
                  r.example/team: {}
                  docker.io: {}
                  index.docker.io: {connections: 2}
                colour: red
                """);
        assertThat(read.problems()).containsExactlyInAnyOrder(
                at(3, "r.example.mirror: there is no such setting; known: mirrors, http, insecure, ca, cert, key,"
                        + " connections, resolveTtl"),
                at(4, "r.example.http: expected true or false"),
                at(5, "r.example.connections: expected a whole number from 1 to 9999"),
                at(6, "r.example.resolveTtl: expected a time such as 0, 30s, 5m or 1h"),
                at(8, "r.example.mirrors: invalid registry host: \"https:\""),
                at(9, "r.example.mirrors: a registry is no mirror of itself"),
                at(10, "r.example.mirrors: expected one value, or a list"),
                at(12, "s.example: " + none),
                at(14, "t.example.cert: cert and key go together"),
                at(17, "u.example: http: true leaves no place for insecure, ca, cert and key"),
                at(18, "r.example/team: invalid registry host: \"r.example/team\""),
                at(20, "index.docker.io: is a second name of a registry that stands here already"),
                at(21, "colour: there is no such setting; known: registries"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[a]", "text", "registries: [a]", "registries: {a: b}", "a: [",
        "registries:\n  a:\n  a:\n",
        "registries: &x {a: *x}",
        "a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: {r: 1}}}}}}}}}}}}}}}}}"})
    void read_otherShapes_areProblemsAndNoFailures(String text) throws Exception {
        assertThat(read(text).problems()).isNotEmpty()
            .allMatch(problem -> problem.matches("(?s)" + folder.resolve("registries.yaml") + ":[0-9]+: .+"));
    }

    @Test
    void read_absentFile_isAProblem() {
        assertThat(RegistriesFile.read(folder.resolve("none")).problems()).singleElement()
            .asString()
            .contains("none: cannot be read");
    }
}
