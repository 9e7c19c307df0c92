/**
 * What executors are asked about their disks, and what they answer.
 *
 * <p>Terms: a <i>question</i> goes to all executors; each answers in one or more <i>answers</i>, of which one is the last. By
 * its <i>presence</i>, told now and then, others know which executors there are.
 *
 * <p>May import {@code json}.
 */
@NullMarked
package dev.kiln.queue.upkeep;

import org.jspecify.annotations.NullMarked;
