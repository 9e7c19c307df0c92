package dev.kiln.executor.runtime;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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

import dev.kiln.executor.runtime.OciConfig.Container;
import dev.kiln.executor.runtime.OciConfig.HostFacts;
import dev.kiln.executor.runtime.ProcessSpec.Limits;
import dev.kiln.executor.runtime.ProcessSpec.Network;
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
        assertThat(seccomp.get("syscalls").size()).isGreaterThan(10);
        assertThat(JSON.writeValueAsString(config))
            .isEqualTo(Files.readString(directory.resolve("config.json")).strip());
    }

    private static OciConfig config(Properties given) {
        return new OciConfig(new HostFacts("amd64", 20_000, given.getProperty("cgroupNamespaces").equals("true")));
    }

    private static Container container(Properties given) {
        ProcessSpec process = new ProcessSpec("one", Path.of("/root/of/step"), Path.of("/upper"), words(given, "args"),
                words(given, "env"), given.getProperty("cwd"), "", Network.valueOf(given.getProperty("network")),
                new Limits(OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty()));
        List<Long> groups = words(given, "groups").stream().map(Long::valueOf).toList();
        return new Container(process, new Identity(Long.parseLong(given.getProperty("uid")), groups.getFirst(), groups),
                "/kiln/x/one/c", new Container.HostFiles(Path.of("/state/resolv.conf"), Path.of("/state/hosts")),
                Optional.ofNullable(given.getProperty("namespace")).map(Path::of));
    }

    private static List<String> words(Properties given, String key) {
        return Arrays.asList(given.getProperty(key).split("\\|"));
    }
}
