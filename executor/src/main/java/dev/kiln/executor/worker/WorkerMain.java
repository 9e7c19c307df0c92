package dev.kiln.executor.worker;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.metrics.BrokerProbe;
import dev.kiln.metrics.ProbeServer;
import dev.kiln.metrics.ProcessMetrics;
import dev.kiln.metrics.Serving;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.kafka.KafkaQueues;
import dev.kiln.queue.kafka.KafkaSettings;

/** The executor as a process of its own. */
public final class WorkerMain {

    private WorkerMain() {}

    /**
     * Runs an executor until the process is asked to end; then it hands running builds back.
     *
     * @param file YAML with settings; variables of the environment are stronger
     * @throws IOException with everything that is wrong with the configuration, or what is missing on this host
     */
    public static void run(Optional<Path> file) throws IOException, InterruptedException {
        WorkerConfigReader.Read config = WorkerConfigReader.read(file, System.getenv(),
                InetAddress.getLocalHost().getHostName());
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(ended, stopped)));
        InstantSource clock = InstantSource.system();
        LocalExecutor.Storage storage = LocalExecutor.Storage.open(config.worker().data().resolve("content"), clock);
        AtomicBoolean taking = new AtomicBoolean();
        try (ProcessMetrics metrics = new ProcessMetrics();
                DiskContentStore _ = storage.content();
                KafkaQueues queues = KafkaQueues.connect(KafkaSettings.farm(config.kafka()));
                Serving _ = ProbeServer.start(config.metrics(), metrics,
                        check(taking, new BrokerProbe(queues.events(), clock)));
                LocalExecutor _ = LocalExecutor.start(config.worker(),
                        new LocalExecutor.Queues(queues.jobs(), queues.events(), queues.cancellations(),
                                queues.upkeep()),
                        storage, clock, metrics.registry())) {
            taking.set(true);
            ended.await();
        } catch (QueueException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            stopped.countDown();
        }
    }

    private static ProbeServer.Check check(AtomicBoolean taking, BrokerProbe broker) {
        return () -> taking.get()
                ? broker.problem().map(List::of).orElse(List.of())
                : List.of("the executor still starts");
    }

    private static void stop(CountDownLatch ended, CountDownLatch stopped) {
        ended.countDown();
        try {
            stopped.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
