/**
 * The contracts of {@code queue} over Kafka: jobs in a share group, events and records in topics of their own.
 *
 * <p>{@link dev.kiln.queue.kafka.KafkaQueues} is the way in. Kafka's types stop here. A <em>member</em> is one consumer of
 * the share group with the one thread that touches it. May import all of {@code queue} but {@code broker}.
 */
@NullMarked
package dev.kiln.queue.kafka;

import org.jspecify.annotations.NullMarked;
