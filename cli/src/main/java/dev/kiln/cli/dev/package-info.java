/**
 * Everything on one machine: broker, API, registry and executor in one process and one child.
 *
 * <p>May import {@code api}, {@code executor.worker}, {@code queue} and {@code layercache}.
 */
@NullMarked
package dev.kiln.cli.dev;

import org.jspecify.annotations.NullMarked;
