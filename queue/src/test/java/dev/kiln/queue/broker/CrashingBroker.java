package dev.kiln.queue.broker;

import java.nio.file.Path;

/** A broker that tests crash and start again. */
public final class CrashingBroker implements AutoCloseable {
    private final Path dir;
    private EmbeddedBroker broker;

    public CrashingBroker(Path dir) throws BrokerException {
        this.dir = dir;
        this.broker = EmbeddedBroker.start(dir);
    }

    public String bootstrap() {
        return broker.bootstrap();
    }

    public void crash() {
        broker.kill();
    }

    public void restart() throws BrokerException {
        broker = EmbeddedBroker.start(dir);
        System.out.println("MEASURE start after a crash millis=" + broker.startTime().toMillis());
    }

    @Override
    public void close() {
        broker.close();
    }
}
