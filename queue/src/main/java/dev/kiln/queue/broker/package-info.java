/**
 * A single-node Kafka broker as a child process, for one machine.
 *
 * <p>Imports nothing of Kiln; its user makes {@code KafkaSettings} of the address it gives. Kafka's server is on the
 * class path of the child only by being on that of this process.
 */
@NullMarked
package dev.kiln.queue.broker;

import org.jspecify.annotations.NullMarked;
