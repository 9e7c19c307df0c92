/**
 * Graphs without a farm's executor: translating a Dockerfile here, and a graph as JSON.
 *
 * <p>May import {@code executor.frontend}, {@code executor.graph}, {@code executor.source}, {@code cli.context} and what
 * those are made of.
 */
@NullMarked
package dev.kiln.cli.plan;

import org.jspecify.annotations.NullMarked;
