package dev.kiln.executor.runtime;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.executor.runtime.MountPlacement.Placed;
import dev.kiln.executor.runtime.OciConfig.Container;
import dev.kiln.executor.runtime.OciConfig.HostFacts;
import dev.kiln.executor.runtime.ProcessSpec.Limits;
import dev.kiln.executor.runtime.ProcessSpec.Network;
import dev.kiln.executor.runtime.ProcessSpec.Rlimit;
import dev.kiln.executor.runtime.ProcessSpec.Surroundings;
import dev.kiln.executor.runtime.UserLookup.Identity;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each directory of {@code oci-config} is a container: {@code container.properties} says which, {@code config.json} is what
 * the runtime gets. System calls are left out there; they have a test of their own.
 */
class OciConfigGoldenTest {
    private static final Path CASES = Path.of("src/test/resources/oci-config");
    private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    static Stream<Path> cases() throws IOException {
        return Files.list(CASES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void config_isAsWritten(Path directory) throws IOException {
        Properties given = new Properties();
        try (Reader reader = Files.newBufferedReader(directory.resolve("container.properties"))) {
            given.load(reader);
        }

        ObjectNode config = (ObjectNode) JSON.readTree(config(given).write(container(given)));

        JsonNode seccomp = ((ObjectNode) config.get("linux")).remove("seccomp");
        if (given.containsKey("insecure")) {
            assertThat(seccomp).isNull();
        } else {
            assertThat(seccomp.get("syscalls").size()).isGreaterThan(10);
        }
        assertThat(JSON.writeValueAsString(config))
            .isEqualTo(Files.readString(directory.resolve("config.json")).strip());
    }

    private static OciConfig config(Properties given) {
        return new OciConfig(new HostFacts("amd64", new HostLimits(Map.of("nofile", 20_000L)),
                given.getProperty("cgroupNamespaces").equals("true"), List.of("CAP_CHOWN", "CAP_SYS_ADMIN"), 1));
    }

    private static Container container(Properties given) {
        ProcessSpec process = new ProcessSpec("one", Path.of("/root/of/step"), Path.of("/upper"), words(given, "args"),
                words(given, "env"), given.getProperty("cwd"), "", Network.valueOf(given.getProperty("network")),
                new Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty()), List.of(),
                surroundings(given));
        List<Long> groups = words(given, "groups").stream().map(Long::valueOf).toList();
        return new Container(process, new Identity(Long.parseLong(given.getProperty("uid")), groups.getFirst(), groups),
                "/kiln/x/one/c", new Container.HostFiles(Path.of("/state/resolv.conf"), Path.of("/state/hosts")),
                Optional.ofNullable(given.getProperty("namespace")).map(Path::of),
                given.containsKey("mounts") ? mounts() : List.of());
    }

    private static Surroundings surroundings(Properties given) {
        String shared = given.getProperty("shm");
        return new Surroundings(given.containsKey("insecure"), given.getProperty("hostname", ""), List.of(),
                shared == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(shared)),
                shared == null ? List.of() : List.of(new Rlimit("nofile", 100, 200)));
    }

    private static List<Placed> mounts() {
        return List.of(
                new Placed(new ContainerMount.Bind(Path.of("/host/src"), "/src", true), "bind", "/host/src",
                        List.of("rbind", "ro"), true),
                new Placed(new ContainerMount.Tmpfs("/dev/shm", OptionalLong.empty()), "tmpfs", "tmpfs",
                        List.of("nosuid"), true));
    }

    private static List<String> words(Properties given, String key) {
        return Arrays.asList(given.getProperty(key).split("\\|"));
    }
}
