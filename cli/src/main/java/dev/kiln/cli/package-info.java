/**
 * The commands that people type.
 *
 * <p>Exit codes: 0 done, 1 the build failed, 2 bad usage, 3 the farm could not be reached.
 */
@NullMarked
package dev.kiln.cli;

import org.jspecify.annotations.NullMarked;
