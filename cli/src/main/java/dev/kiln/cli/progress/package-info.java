/**
 * Events of a build as people read them.
 *
 * <p>May import {@code queue.event} and {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.cli.progress;

import org.jspecify.annotations.NullMarked;
