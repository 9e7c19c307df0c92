/**
 * Expands variable words such as {@code ${VERSION:-1.0}}, and splits words as a shell does.
 *
 * <p>
 * Terms: a <em>raw word</em> is text as it stands in the file, quotes and escapes included; a <em>scope</em> gives the
 * values of names. Everything is pure, immutable and may be shared between threads; nesting and result size are bounded.
 * May import {@code dockerfile.source}.
 */
@NullMarked
package dev.kiln.dockerfile.expand;

import org.jspecify.annotations.NullMarked;
