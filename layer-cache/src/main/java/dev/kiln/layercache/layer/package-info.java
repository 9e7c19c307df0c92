/**
 * Directories to layer tars and back: whiteouts, opaque directories, order, times, and the checks that hostile archives need.
 *
 * <p>May import {@code oci}, {@code posix} and the roles of {@code content}.
 */
@NullMarked
package dev.kiln.layercache.layer;

import org.jspecify.annotations.NullMarked;
