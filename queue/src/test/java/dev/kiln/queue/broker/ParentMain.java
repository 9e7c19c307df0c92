package dev.kiln.queue.broker;

import java.nio.file.Path;

/** A process that starts a broker, says its process id, and waits to be killed. */
final class ParentMain {

    private ParentMain() {}

    public static void main(String[] args) throws Exception {
        EmbeddedBroker broker = EmbeddedBroker.start(Path.of(args[0]));
        System.out.println(broker.pid());
        Thread.currentThread().join();
    }
}
