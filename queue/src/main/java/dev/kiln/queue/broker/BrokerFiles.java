package dev.kiln.queue.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What lies in the data directory: {@code kafka/} (the storage), {@code lock}, {@code broker.log}, {@code broker.jsa} (the
 * JVM's, to start faster), and the two configurations, which are written anew at each start.
 */
record BrokerFiles(Path dataDir) {
    /** A log longer than this is put aside at the next start; one older log is kept. */
    private static final long MAX_LOG_BYTES = 8 << 20;
    private static final Pattern PORT = Pattern.compile(":([0-9]{1,5})(?:,|$)");
    private static final Logger LOG = LoggerFactory.getLogger(BrokerFiles.class);
    private static final String LOGGING = """
            <configuration>
              <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
              <appender name="STDERR" class="ch.qos.logback.core.ConsoleAppender">
                <target>System.err</target>
                <encoder>
                  <pattern>%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level [%thread] %logger{24} %msg%n</pattern>
                </encoder>
              </appender>
              <root level="WARN">
                <appender-ref ref="STDERR"/>
              </root>
            </configuration>
            """;

    Path storage() {
        return dataDir.resolve("kafka");
    }

    /** Whether a broker has been started here before. */
    boolean isFormatted() {
        return Files.exists(storage().resolve("meta.properties"));
    }

    Path lock() {
        return dataDir.resolve("lock");
    }

    Path log() {
        return dataDir.resolve("broker.log");
    }

    Path properties() {
        return dataDir.resolve("server.properties");
    }

    /** A name that no class path has, and relative, because a path with odd characters could be taken for an address. */
    Path logging() {
        return dataDir.resolve("broker-logging.xml");
    }

    void prepare(Properties server) throws IOException {
        Files.createDirectories(storage());
        try (Writer out = Files.newBufferedWriter(properties(), UTF_8)) {
            server.store(out, "Written at each start of the embedded broker; changes are lost.");
        }
        Files.writeString(logging(), LOGGING);
        if (Files.exists(log()) && Files.size(log()) > MAX_LOG_BYTES) {
            Files.move(log(), dataDir.resolve("broker.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The ports of the broker and the controller at the last start; empty when there was none. */
    int[] lastPorts() {
        Properties last = new Properties();
        try (Reader in = Files.newBufferedReader(properties(), UTF_8)) {
            last.load(in);
        } catch (NoSuchFileException e) {
            return new int[0];
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("the last configuration of the broker is unreadable, other ports are used: {}", e.getMessage());
            return new int[0];
        }
        return PORT.matcher(last.getProperty("listeners", ""))
            .results()
            .mapToInt(m -> Integer.parseInt(m.group(1)))
            .toArray();
    }

    /** Waits until no broker holds the directory: one whose parent was killed needs a moment to notice and to stop. */
    boolean awaitUnlocked(Duration patience) throws IOException, InterruptedException {
        Files.createDirectories(dataDir);
        long deadline = System.nanoTime() + patience.toNanos();
        try (FileChannel channel = FileChannel.open(lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (true) {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    lock.release();
                    return true;
                }
                if (System.nanoTime() - deadline > 0) {
                    return false;
                }
                Thread.sleep(50);
            }
        }
    }

    /** The process that holds the lock, as it wrote itself down. */
    String holder() {
        try {
            return Files.readString(lock()).strip();
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    /** The last lines of the broker's log that are no stack frames, for an error message. */
    String lastWords() {
        try (Stream<String> log = Files.lines(log(), UTF_8)) {
            List<String> lines = log.filter(line -> !line.startsWith("\tat ")).toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
        } catch (IOException | UncheckedIOException e) {
            return "(its log cannot be read: " + e.getMessage() + ")";
        }
    }
}
