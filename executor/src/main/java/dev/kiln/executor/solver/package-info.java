/**
 * Orders the graph, shares what is the same, looks results up and runs what has none.
 *
 * <p>Knows ops, not containers. May import {@code graph}, {@code layercache.oci} and {@code layercache.index}.
 */
@NullMarked
package dev.kiln.executor.solver;

import org.jspecify.annotations.NullMarked;
