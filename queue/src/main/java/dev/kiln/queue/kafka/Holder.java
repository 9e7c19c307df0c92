package dev.kiln.queue.kafka;

import java.time.Duration;

import dev.kiln.queue.QueueException;

/** Where a claim's record is. It may move, so each wish is answered with whether the claim was still there. */
interface Holder {

    /** False when the claim is held elsewhere by now. */
    boolean complete(KafkaClaim claim) throws QueueException;

    /** False when the claim is held elsewhere by now. */
    boolean giveBack(KafkaClaim claim, Duration delay) throws QueueException;
}
