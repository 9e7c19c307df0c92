package dev.kiln.queue.json;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** A folder of JSON files, each of which is the form of one value. */
public final class GoldenJson {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private GoldenJson() {}

    /** Each value is written as its file says, and each file is read as its value; neither side has more than the other. */
    public static <T> void check(String folder, Map<String, T> values, Function<T, byte[]> write,
            Function<byte[], T> read) {
        Map<String, byte[]> files = files(folder);
        assertThat(files.keySet()).isEqualTo(values.keySet());
        values.forEach((name, value) -> {
            assertThat(pretty(write.apply(value))).as("%s written", name).isEqualTo(pretty(files.get(name)));
            assertThat(read.apply(files.get(name))).as("%s read", name).isEqualTo(value);
        });
    }

    private static Map<String, byte[]> files(String folder) {
        try (Stream<Path> paths = Files.list(Path.of(GoldenJson.class.getResource("/" + folder).toURI()))) {
            List<Path> list = paths.toList();
            return list.stream()
                .collect(java.util.stream.Collectors
                    .toMap(path -> path.getFileName().toString().replace(".json", ""), GoldenJson::bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pretty(byte[] json) {
        JsonNode tree = MAPPER.readTree(json);
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    }
}
