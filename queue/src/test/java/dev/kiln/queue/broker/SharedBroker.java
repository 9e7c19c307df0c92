package dev.kiln.queue.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/** One broker for all tests of this JVM that do not stop it; it ends with the JVM. */
public final class SharedBroker {
    private static @Nullable EmbeddedBroker broker;
    private static @Nullable Path directory;

    private SharedBroker() {}

    public static String bootstrap() throws BrokerException, IOException {
        return broker().bootstrap();
    }

    /** Where its data lies. */
    static synchronized Path directory() throws BrokerException, IOException {
        broker();
        return directory;
    }

    static synchronized EmbeddedBroker broker() throws BrokerException, IOException {
        if (broker == null) {
            Path dir = Files.createTempDirectory("kiln-broker");
            EmbeddedBroker started = EmbeddedBroker.start(dir);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                started.kill();
                delete(dir);
            }));
            broker = started;
            directory = dir;
        }
        return broker;
    }

    private static void delete(Path dir) {
        try (Stream<Path> paths = Files.walk(dir)) {
            List<Path> all = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : all) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
