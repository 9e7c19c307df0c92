package dev.kiln.executor.worker;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.NetworkMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WorkerConfigReaderTest {
    private static final Map<String, String> LEAST = Map.of("KILN_DATA", "/d", "KILN_ADDR", "http://farm:7070",
            "KILN_KAFKA", "k:9092");
    @TempDir
    private Path folder;

    private Optional<Path> yaml(String text) throws IOException {
        return Optional.of(Files.writeString(folder.resolve("worker.yaml"), text));
    }

    @Test
    void read_leastThatIsNeeded_hasDefaults() throws Exception {
        WorkerConfigReader.Read read = WorkerConfigReader.read(Optional.empty(), LEAST, "host1");
        WorkerConfig config = read.worker();
        assertThat(read.kafka()).isEqualTo("k:9092");
        assertThat(config.name()).isEqualTo("host1");
        assertThat(config.farm().address()).isEqualTo(URI.create("http://farm:7070"));
        assertThat(config.capacity().slots()).isEqualTo(4);
        assertThat(config.capacity().steps()).isEqualTo(8);
        assertThat(config.steps().runtimes()).containsExactly("crun", "runc");
        assertThat(config.steps().limits().pids()).isEqualTo(OptionalLong.of(16384));
        assertThat(config.remotes()).isEqualTo(RemotePolicy.STANDARD);
        assertThat(config.registries().shareBases()).isFalse();
        assertThat(config.registries().shareSteps()).isTrue();
    }

    @Test
    void read_placeOfMetrics_isNowhereUnlessSaid() throws Exception {
        assertThat(WorkerConfigReader.read(Optional.empty(), LEAST, "h").metrics()).isEmpty();
        Map<String, String> more = new java.util.HashMap<>(LEAST);
        more.put("KILN_METRICS_HTTP", "[::1]:7072");
        assertThat(WorkerConfigReader.read(Optional.empty(), more, "h").metrics())
            .hasValue(java.net.InetSocketAddress.createUnresolved("::1", 7072));
        for (String wrong : new String[]{"7072", "host:", "host:70000", "http://host:1", "a b:1"}) {
            more.put("KILN_METRICS_HTTP", wrong);
            assertThatThrownBy(() -> WorkerConfigReader.read(Optional.empty(), more, "h")).as(wrong)
                .hasMessageContaining("KILN_METRICS_HTTP");
        }
    }

    @Test
    void read_everyKeyOfTheFile_isUsed() throws Exception {
        WorkerConfig config = WorkerConfigReader.read(yaml("""
                name: w7
                data: /data
                kafka: a:1,b:2
                addr: https://farm
                token: t0ken
                slots: 2
                steps: 3
                network: host
                stepMemory: 512MiB
                stepCpus: 1.5
                stepPids: 100
                runtimes: [runc]
                plainHttp: [r1:5000, r2]
                dockerConfig: /c.json
                shareBases: true
                shareSteps: false
                remoteAllowPrivate: [10.0.0.0/8, git.internal]
                remoteMaxBytes: 1GiB
                remoteMaxEntries: 1000
                remoteTime: 90s
                sshKnownHosts: /known_hosts
                entitlements: [network.host, security.insecure]
                secretKey: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
                """), Map.of(), "host1").worker();
        assertThat(config.name()).isEqualTo("w7");
        assertThat(config.farm().token()).contains("t0ken");
        assertThat(config.capacity().slots()).isEqualTo(2);
        assertThat(config.capacity().steps()).isEqualTo(3);
        assertThat(config.steps().network()).contains(NetworkMode.HOST);
        assertThat(config.steps().limits()).isEqualTo(new ProcessSpec.Limits(OptionalLong.of(512L << 20),
                OptionalDouble.of(1.5), OptionalLong.of(100)));
        assertThat(config.steps().runtimes()).containsExactly("runc");
        assertThat(config.registries().plainHttp()).containsExactlyInAnyOrder("r1:5000", "r2");
        assertThat(config.registries().dockerConfig()).contains(Path.of("/c.json"));
        assertThat(config.registries().shareBases()).isTrue();
        assertThat(config.registries().shareSteps()).isFalse();
        assertThat(config.steps().entitlements()).containsExactlyInAnyOrder(Entitlement.values());
        assertThat(config.farm().secretKey()).isPresent();
        assertThat(config.remotes()).isEqualTo(RemotePolicy.allowing(List.of("10.0.0.0/8", "git.internal"))
            .with(new RemotePolicy.Limits(1L << 30, 1000, Duration.ofSeconds(90)))
            .withKnownHosts(Optional.of(Path.of("/known_hosts"))));
        assertThat(config.toString()).doesNotContain("t0ken", "MDEy");
    }

    @Test
    void read_registriesFile_isReadAndItsProblemsAreAmongTheOthers() throws Exception {
        Path registries = Files.writeString(folder.resolve("r.yaml"), "registries: {r.example: {connections: 3}}");
        WorkerConfig config = WorkerConfigReader.read(yaml("registriesFile: " + registries), LEAST, "h").worker();
        assertThat(config.registries().hosts()).containsOnlyKeys("r.example");
        Files.writeString(registries, "registries: {r.example: {connection: 3}}");
        Optional<Path> file = yaml("registriesFile: " + registries + "\nslots: none\n");
        assertThatIOException().isThrownBy(() -> WorkerConfigReader.read(file, LEAST, "h"))
            .withMessageContaining("registriesFile: " + registries + ":1: r.example.connection: there is no such")
            .withMessageContaining("slots");
    }

    @Test
    void read_variable_isStrongerThanTheFile() throws Exception {
        WorkerConfig config = WorkerConfigReader.read(yaml("slots: 2\ndata: /other\n"), LEAST, "h").worker();
        assertThat(config.capacity().slots()).isEqualTo(2);
        assertThat(config.data()).isEqualTo(Path.of("/d"));
    }

    @Test
    void read_severalProblems_areToldAtOnce() throws Exception {
        Optional<Path> file = yaml("slots: none\ncolour: red\nnetwork: wide\nremoteTime: 3\n"
                + "remoteAllowPrivate: 10.0.0.0/99\nentitlements: all\nsecretKey: hunter2\n");
        assertThatIOException().isThrownBy(() -> WorkerConfigReader.read(file, Map.of(), "h"))
            .withMessageContaining("slots")
            .withMessageContaining("colour: there is no such setting")
            .withMessageContaining("network")
            .withMessageContaining("remoteTime: expected a time such as 90s")
            .withMessageContaining("remoteAllowPrivate: 10.0.0.0/99")
            .withMessageContaining("entitlements: unknown entitlement \"all\"")
            .withMessageContaining("secretKey: expected the base 64 of 32 random bytes")
            .withMessageNotContaining("hunter2")
            .withMessageContaining("KILN_DATA")
            .withMessageContaining("KILN_ADDR")
            .withMessageContaining("KILN_KAFKA");
    }

    @Test
    void variable_ofAKey_isItsNameInUpperCase() {
        assertThat(WorkerConfigReader.variable("plainHttp")).isEqualTo("KILN_PLAIN_HTTP");
    }
}
