/**
 * The Dockerfile language: text to raw instructions, to typed instructions, to stages, each step pure and without input
 * or output.
 *
 * <p>
 * {@link dev.kiln.dockerfile.DockerfileParser} is the entry. Everything is immutable and may be shared between threads,
 * and every input, however hostile, ends in a result or in a
 * {@link dev.kiln.dockerfile.source.DockerfileException} that says where. May import {@code source}, {@code lex},
 * {@code expand}, {@code instruction} and {@code stage} below it.
 */
@NullMarked
package dev.kiln.dockerfile;

import org.jspecify.annotations.NullMarked;
