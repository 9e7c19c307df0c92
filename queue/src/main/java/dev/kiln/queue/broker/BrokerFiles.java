package dev.kiln.queue.broker;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Properties;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What lies in the data directory: {@code kafka/} (the storage), {@code lock}, {@code broker.log}, and the two
 * configurations, which are written anew at each start.
 */
record BrokerFiles(Path dataDir) {
    /** A log longer than this is put aside at the next start; one older log is kept. */
    private static final long MAX_LOG_BYTES = 8 << 20;
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

    Path lock() {
        return dataDir.resolve("lock");
    }

    Path log() {
        return dataDir.resolve("broker.log");
    }

    Path properties() {
        return dataDir.resolve("server.properties");
    }

    Path logging() {
        return dataDir.resolve("logback.xml");
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

    /** The process that holds the lock, as it wrote itself down. */
    String holder() {
        try {
            return Files.readString(lock()).strip();
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    /** The last lines of the broker's log, for an error message. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log(), UTF_8);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
        } catch (IOException e) {
            return "(its log cannot be read: " + e.getMessage() + ")";
        }
    }
}
