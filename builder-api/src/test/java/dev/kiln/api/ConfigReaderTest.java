package dev.kiln.api;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.dispatch.TenantRules;
import dev.kiln.api.distribution.Quota;
import dev.kiln.api.distribution.UploadSessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ConfigReaderTest {
    private static final Map<String, String> LEAST = Map.of("KILN_DATA", "/var/lib/kiln", "KILN_KAFKA", "kafka:9092");
    @TempDir
    Path folder;

    private Path file(String yaml) throws Exception {
        return Files.writeString(folder.resolve("api.yaml"), yaml);
    }

    private static ConfigException refused(Optional<Path> file, Map<String, String> environment) {
        return catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(file, environment));
    }

    @Test
    void read_leastEnvironment_hasDefaults() throws Exception {
        ApiConfig config = ConfigReader.read(Optional.empty(), LEAST);
        assertThat(config).isEqualTo(
                ApiConfig.of(new ApiConfig.Address("127.0.0.1", 7070), Path.of("/var/lib/kiln"), "kafka:9092"));
    }

    @Test
    void read_wholeFile_setsEverything() throws Exception {
        Path file = file("""
                http: "[::1]:8080"
                data: /data
                kafka: a:1, b:2
                token: s3cret
                contextLimit: 512MiB
                uploads: 7
                uploadIdle: 10m
                """);
        ApiConfig config = ConfigReader.read(Optional.of(file), Map.of());
        assertThat(config.http()).isEqualTo(new ApiConfig.Address("::1", 8080));
        assertThat(config.data()).isEqualTo(Path.of("/data"));
        assertThat(config.kafka()).isEqualTo("a:1,b:2");
        assertThat(config.token()).hasValue(new ApiConfig.Token("s3cret"));
        assertThat(config.contextLimit()).isEqualTo(512L << 20);
        assertThat(config.registry().uploads().count()).isEqualTo(7);
        assertThat(config.registry().uploads().idle()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.toString()).doesNotContain("s3cret");
    }

    @Test
    void read_everyVariable_overridesTheFile() throws Exception {
        Path file = file(
                "http: a:1\nmetricsHttp: a:2\ndata: /a\nkafka: a:1\ntoken: a\ncontextLimit: 1\nuploads: 1\nuploadIdle: 1s\n"
                        + "resultKeep: 1d\nuploadSpace: 1\nuntaggedKeep: 1d\nregistryQuota: 1\nregistryAddress: http://a\n");
        Map<String, String> environment = new HashMap<>(Map.of("KILN_HTTP", "b:2", "KILN_DATA", "/b", "KILN_KAFKA",
                "b:2", "KILN_TOKEN", "b", "KILN_CONTEXT_LIMIT", "2KiB", "KILN_UPLOADS", "2", "KILN_UPLOAD_IDLE",
                "PT2S"));
        environment.put("KILN_METRICS_HTTP", "b:3");
        environment.put("KILN_RESULT_KEEP", "2d");
        environment.put("KILN_UPLOAD_SPACE", "2MiB");
        environment.put("KILN_UNTAGGED_KEEP", "3d");
        environment.put("KILN_REGISTRY_QUOTA", "2GiB, team/a=1GiB");
        environment.put("KILN_REGISTRY_ADDRESS", "https://b:8443");
        environment.put("KILN_TENANTS", "team-a=3:5");
        environment.put("KILN_QUEUE_LIMIT", "77");
        assertThat(ConfigReader.VARIABLES.values()).containsAll(environment.keySet())
            .hasSize(environment.size() + 3)
            .contains("KILN_SECRET_KEY", "KILN_SECRET_KEY_FILE", "KILN_ACCESS_FILE");
        ApiConfig config = ConfigReader.read(Optional.of(file), environment);
        assertThat(config).isEqualTo(new ApiConfig(
                new ApiConfig.Listen(new ApiConfig.Address("b", 2), Optional.of(new ApiConfig.Address("b", 3))),
                Path.of("/b"), "b:2",
                Optional.of(new ApiConfig.Token("b")), new ApiConfig.Contents(2048, Duration.ofDays(2)),
                new RegistrySettings(new UploadSessions.Bounds(2, Duration.ofSeconds(2), 2 << 20), Duration.ofDays(3),
                        List.of(new Quota("", 2L << 30), new Quota("team/a", 1L << 30)), Optional.empty(),
                        Optional.of(URI.create("https://b:8443"))),
                Optional.empty(), new ApiConfig.Waiting(TenantRules.parse("team-a=3:5"), 77)));
    }

    @Test
    void read_secretKey_isAKeyOrAFileThatHasOne() throws Exception {
        String key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        Map<String, String> least = Map.of("KILN_DATA", "/a", "KILN_KAFKA", "a:1");
        assertThat(ConfigReader.read(Optional.of(file("secretKey: " + key + "\n")), least).secretKey()).isPresent();
        Path keyFile = file(key + "\n");
        Map<String, String> byFile = new HashMap<>(least);
        byFile.put("KILN_SECRET_KEY_FILE", keyFile.toString());
        ApiConfig config = ConfigReader.read(Optional.empty(), byFile);
        assertThat(config.secretKey()).isPresent();
        assertThat(config.toString()).doesNotContain(key);
        byFile.put("KILN_SECRET_KEY", "hunter2");
        assertThat(refused(Optional.empty(), byFile).problems()).hasSize(2)
            .anyMatch(p -> p.startsWith("KILN_SECRET_KEY_FILE: the key is given twice"))
            .anyMatch(p -> p.startsWith("KILN_SECRET_KEY: expected the base 64 of 32"))
            .noneMatch(p -> p.contains("hunter2"));
    }

    @Test
    void read_manyMistakes_tellsAllAtOnce() throws Exception {
        Path file = file("htttp: a:1\nuploads: many\ncontextLimit: [1]\ntoken: 'a b'\n");
        ConfigException refused = refused(Optional.of(file),
                Map.of("KILN_HTTP", "nowhere", "KILN_UPLOAD_IDLE", "soon"));
        assertThat(refused.problems()).hasSize(8)
            .anyMatch(p -> p.contains("htttp: there is no such setting"))
            .anyMatch(p -> p.startsWith("KILN_HTTP: "))
            .anyMatch(p -> p.contains("uploads"))
            .anyMatch(p -> p.contains("contextLimit"))
            .anyMatch(p -> p.startsWith("KILN_UPLOAD_IDLE"))
            .anyMatch(p -> p.startsWith("KILN_DATA") && p.contains("missing"))
            .anyMatch(p -> p.startsWith("KILN_KAFKA") && p.contains("missing"));
        assertThat(refused.getMessage()).doesNotContain("a b");
    }

    @Test
    void read_fileThatIsNone_isAProblem() throws Exception {
        assertThat(refused(Optional.of(folder.resolve("nope")), LEAST).problems()).hasSize(1);
        assertThat(refused(Optional.of(file("a: b: c")), LEAST).problems()).hasSize(1);
        assertThat(refused(Optional.of(file("- 1")), LEAST).problems()).hasSize(1);
        assertThat(refused(Optional.of(file("http: a:1\nhttp: b:2")), LEAST).problems()).hasSize(1);
        assertThat(ConfigReader.read(Optional.of(file("")), LEAST).http()).isEqualTo(ApiConfig.DEFAULT_HTTP);
    }
}
