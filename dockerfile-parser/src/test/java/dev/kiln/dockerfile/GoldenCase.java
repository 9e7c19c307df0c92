package dev.kiln.dockerfile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The directories below a feature's folder among the test resources, each of which is a case. */
public record GoldenCase(String name, Path directory) {

    private static final Path RESOURCES = Path.of("src", "test", "resources");

    public static List<GoldenCase> of(String feature) {
        try (Stream<Path> directories = Files.list(RESOURCES.resolve(feature))) {
            return directories.sorted().map(path -> new GoldenCase(path.getFileName().toString(), path)).toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    public byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(directory.resolve(file));
    }

    public String text(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    @Override
    public String toString() {
        return name;
    }
}
