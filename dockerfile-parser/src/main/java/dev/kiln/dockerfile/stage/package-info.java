/**
 * The stages of a Dockerfile and which of them a target needs.
 *
 * <p>
 * Terms: a stage's <em>base</em> is what its FROM names; a <em>source</em> is whatever a stage takes files from. Everything
 * is immutable and may be shared between threads. May import {@code dockerfile.source}, {@code dockerfile.instruction} and
 * {@code dockerfile.expand}.
 */
@NullMarked
package dev.kiln.dockerfile.stage;

import org.jspecify.annotations.NullMarked;
