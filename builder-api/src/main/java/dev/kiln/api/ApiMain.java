package dev.kiln.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.api.builds.Queues;
import dev.kiln.api.distribution.TagStore;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.metrics.ProbeServer;
import dev.kiln.metrics.ProcessMetrics;
import dev.kiln.metrics.Serving;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.kafka.KafkaQueues;
import dev.kiln.queue.kafka.KafkaSettings;

/** A farm's API process. */
public final class ApiMain {
    private static final Logger LOG = LoggerFactory.getLogger(ApiMain.class);

    private ApiMain() {}

    /** @param arguments the YAML file, or nothing */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        run(arguments.length == 0 ? Optional.empty() : Optional.of(Path.of(arguments[0])));
    }

    /**
     * Reads the settings, serves until the process is told to end (SIGTERM, SIGINT), and then closes everything in
     * order.
     *
     * @throws IOException when the settings are wrong, or something that it needs is not there; the message says what
     */
    public static void run(Optional<Path> configFile) throws IOException, InterruptedException {
        ApiConfig config;
        try {
            config = ConfigReader.read(configFile, System.getenv());
        } catch (ConfigException e) {
            throw new IOException(e.getMessage(), e);
        }
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            told.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            serve(config, told);
        } finally {
            closed.countDown();
        }
    }

    private static void serve(ApiConfig config, CountDownLatch told) throws IOException, InterruptedException {
        Leases leases = new Leases(InstantSource.system());
        try (ProcessMetrics metrics = new ProcessMetrics();
                KafkaQueues kafka = KafkaQueues.connect(KafkaSettings.farm(config.kafka()));
                Backlogs backlogs = kafka.openBacklogs();
                DiskContentStore content = DiskContentStore.open(config.data().resolve("content"),
                        blob -> leases.use(Item.blob(blob)));
                TagStore tags = TagStore.open(config.data().resolve("registry"));
                ApiServer server = new ApiServer(config,
                        new Queues(kafka.jobs(), kafka.events(), kafka.records(), kafka.cancellations(),
                                kafka.upkeep(), backlogs),
                        ApiServer.Storage.alone(content, tags, leases), InstantSource.system(),
                        new SecureRandom(), metrics);
                Serving _ = ProbeServer.start(
                        config.listen().metrics().map(at -> InetSocketAddress.createUnresolved(at.host(), at.port())),
                        metrics, server::missing)) {
            InetSocketAddress address = server.start();
            LOG.info("api started address={} data={}", address, config.data());
            told.await();
            LOG.info("api ends");
        } catch (QueueException e) {
            throw new IOException("cannot start: " + e.getMessage() + "; is KILN_KAFKA right, and the broker up?", e);
        }
    }
}
