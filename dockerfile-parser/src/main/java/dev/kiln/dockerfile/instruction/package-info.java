/**
 * The typed instructions of a Dockerfile, one record per instruction, and the step from raw to typed.
 *
 * <p>
 * Words that take variables are kept raw: quotes, escapes and {@code $} expressions as they stand. Whoever builds expands
 * them in the scope that holds at that point. Which words take variables stands at each component. Everything is immutable
 * and may be shared between threads. May import {@code dockerfile.source} and {@code dockerfile.lex}.
 */
@NullMarked
package dev.kiln.dockerfile.instruction;

import org.jspecify.annotations.NullMarked;
