/**
 * The build as pure data: vertices, their inputs, and what each of them does.
 *
 * <p>Values are immutable; a {@link dev.kiln.executor.graph.GraphBuilder} makes them. May import {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.executor.graph;

import org.jspecify.annotations.NullMarked;
