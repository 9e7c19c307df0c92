package dev.kiln.queue.kafka;

import java.time.Duration;

import dev.kiln.queue.Claim;

/** An executor's process that takes one build, says so, and keeps it; it says too when the claim is lost. */
final class HolderMain {

    private HolderMain() {}

    public static void main(String[] args) throws Exception {
        KafkaQueues queues = KafkaQueues
            .connect(KafkaFailuresIT.settings(args[0], args[1], Duration.parse(args[2])));
        Claim claim = queues.jobs().openSlot().take(Duration.ofSeconds(60)).orElseThrow();
        System.out.println("claimed " + claim.request().id());
        claim.onLost(() -> System.out.println("lost"));
        Thread.currentThread().join();
    }
}
