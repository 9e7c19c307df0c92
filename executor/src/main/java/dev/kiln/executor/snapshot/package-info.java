/**
 * States of a file system: layers unpacked side by side, and the writable view that a step gets on top of some of them.
 *
 * <p>How a layer is unpacked is a role, {@link dev.kiln.executor.snapshot.LayerUnpacker}. May import {@code mount},
 * {@code layercache.oci}, {@code layercache.posix} and {@code layercache.layer}.
 */
@NullMarked
package dev.kiln.executor.snapshot;

import org.jspecify.annotations.NullMarked;
