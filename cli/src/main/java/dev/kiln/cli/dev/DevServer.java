package dev.kiln.cli.dev;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.api.ApiConfig;
import dev.kiln.api.ApiServer;
import dev.kiln.api.builds.Queues;
import dev.kiln.api.distribution.TagStore;
import dev.kiln.executor.remote.RemotePolicy;
import dev.kiln.executor.worker.LocalExecutor;
import dev.kiln.executor.worker.WorkerConfig;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.metrics.ProcessMetrics;
import dev.kiln.queue.Backlogs;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.broker.BrokerException;
import dev.kiln.queue.broker.EmbeddedBroker;
import dev.kiln.queue.kafka.KafkaQueues;
import dev.kiln.queue.kafka.KafkaSettings;
import dev.kiln.queue.secret.FarmKey;

/**
 * A farm of one machine: broker as a child process, API and registry, one executor, one content store for all of them. The
 * same classes that run apart on a farm.
 */
public final class DevServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DevServer.class);

    /**
     * @param data folder of everything that lasts
     * @param kafka a cluster to use instead of a broker of our own
     * @param token what clients must know
     */
    public record Settings(Path data, ApiConfig.Address http, Optional<String> kafka, Optional<String> token,
            WorkerConfig.Capacity capacity, WorkerConfig.Steps steps, WorkerConfig.Registries registries,
            RemotePolicy remotes) {}

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CountDownLatch brokerEnded = new CountDownLatch(1);
    private List<String> findings = List.of();
    private URI address = URI.create("http://127.0.0.1");

    private DevServer() {}

    /**
     * Starts everything and returns when builds are taken.
     *
     * @throws IOException saying which part could not start, and why
     */
    public static DevServer start(Settings settings) throws IOException, InterruptedException {
        DevServer server = new DevServer();
        try {
            server.open(settings);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.closeAfter(e);
            throw e;
        } catch (BrokerException | QueueException e) {
            server.closeAfter(e);
            throw new IOException(e.getMessage(), e);
        }
    }

    private void open(Settings settings) throws IOException, InterruptedException, BrokerException, QueueException {
        Files.createDirectories(settings.data());
        InstantSource clock = InstantSource.system();
        ProcessMetrics metrics = own(new ProcessMetrics());
        KafkaSettings kafka = kafka(settings);
        KafkaQueues queues = own(KafkaQueues.connect(kafka));
        Backlogs backlogs = own(queues.openBacklogs());
        Leases leases = new Leases(clock);
        DiskContentStore content = own(DiskContentStore.open(settings.data().resolve("content"),
                blob -> leases.use(Item.blob(blob))));
        FarmKey key = KeyFile.open(settings.data().resolve("secret-key"), new SecureRandom());
        TagStore tags = own(TagStore.open(settings.data().resolve("registry")));
        ApiConfig config = ApiConfig.of(settings.http(), settings.data(), kafka.bootstrap())
            .withToken(settings.token().map(ApiConfig.Token::new))
            .withSecretKey(Optional.of(key));
        ApiServer api = own(new ApiServer(config,
                new Queues(queues.jobs(), queues.events(), queues.records(), queues.cancellations(),
                        queues.upkeep(), backlogs),
                new ApiServer.Storage(content, tags, leases, false), clock,
                new SecureRandom(), metrics));
        InetSocketAddress bound = api.start();
        address = URI.create("http://" + reachable(bound) + ":" + bound.getPort());
        LocalExecutor executor = own(LocalExecutor.start(worker(settings, key),
                new LocalExecutor.Queues(queues.jobs(), queues.events(), queues.cancellations(),
                        queues.upkeep()),
                new LocalExecutor.Storage(content, leases, api.holders()), clock,
                metrics.registry()));
        findings = executor.findings();
    }

    private KafkaSettings kafka(Settings settings) throws BrokerException {
        if (settings.kafka().isPresent()) {
            return KafkaSettings.farm(settings.kafka().get());
        }
        EmbeddedBroker broker = own(EmbeddedBroker.start(settings.data().resolve("broker")));
        ProcessHandle.of(broker.pid())
            .ifPresentOrElse(process -> process.onExit().thenRun(brokerEnded::countDown),
                    brokerEnded::countDown);
        return KafkaSettings.singleNode(broker.bootstrap());
    }

    /** The executor on this machine reaches the API over loopback, also when it listens on all addresses. */
    private static String reachable(InetSocketAddress bound) {
        String host = bound.getHostString();
        return host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    }

    private WorkerConfig worker(Settings settings, FarmKey key) {
        return new WorkerConfig("local", settings.data().resolve("executor"),
                new WorkerConfig.Farm(address, settings.token(), Optional.of(key)), settings.capacity(),
                settings.steps(), settings.registries(), settings.remotes());
    }

    /** Waits for at most {@code patience} and says whether the broker that this started has ended; one elsewhere never does. */
    public boolean awaitBrokerEnd(Duration patience) throws InterruptedException {
        return brokerEnded.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Where API and registry answer. */
    public URI address() {
        return address;
    }

    /** What there is to say of runtimes and networks on this machine. */
    public List<String> findings() {
        return findings;
    }

    private <T extends AutoCloseable> T own(T part) {
        opened.push(part);
        return part;
    }

    private void closeAfter(Exception reason) {
        try {
            close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** Stops all parts in the reverse order of their start; builds that run go on after the next start. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        while (!opened.isEmpty()) {
            AutoCloseable part = opened.pop();
            long begin = System.nanoTime();
            try {
                part.close();
            } catch (Exception e) {
                failure = failure == null ? new IOException("stopping failed", e) : failure;
                LOG.warn("stopping {} failed", part.getClass().getSimpleName(), e);
            }
            LOG.debug("stopped part={} after={}", part.getClass().getSimpleName(),
                    Duration.ofNanos(System.nanoTime() - begin));
        }
        if (failure != null) {
            throw failure;
        }
    }
}
