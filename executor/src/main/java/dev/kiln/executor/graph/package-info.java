/**
 * The build as pure data: vertices, their inputs, and what each of them does.
 *
 * <p>Immutable. May import {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.executor.graph;

import org.jspecify.annotations.NullMarked;
