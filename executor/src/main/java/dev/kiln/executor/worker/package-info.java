/**
 * Takes builds from the queue, runs each from its context to its pushed image, and reports what happens; the wiring of
 * an executor and its main.
 *
 * <p>A slot is a thread that takes one build at a time; each build runs on a thread of its own, so that stopping it is an
 * interrupt. May import all of {@code executor}, {@code queue}, {@code metrics}, {@code layercache} and
 * {@code dockerfile};
 * {@code queue.kafka} in {@code WorkerMain} only.
 */
@NullMarked
package dev.kiln.executor.worker;

import org.jspecify.annotations.NullMarked;
