/**
 * What an executor counts and times of its builds and steps. Other packages know it by roles of their own; the worker, which
 * sees whole builds, calls it by name.
 *
 * <p>Imports graph, solver (its role), {@code metrics} and {@code queue.event}. Micrometer is seen here and where the worker
 * wires.
 */
@NullMarked
package dev.kiln.executor.meter;

import org.jspecify.annotations.NullMarked;
