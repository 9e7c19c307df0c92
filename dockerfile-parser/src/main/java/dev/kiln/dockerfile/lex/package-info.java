/**
 * Turns the bytes of a Dockerfile into raw instructions: directives, continuations, comments, flags, words and
 * here-documents, all with their places.
 *
 * <p>
 * Terms: a <em>physical line</em> is what a line end closes; a <em>logical line</em> is one instruction, joined from the
 * physical lines that continue each other, without the comments between them. Nothing here knows what an instruction
 * means, only how its arguments are written. Everything is immutable and may be shared between threads.
 *
 * <p>
 * May import {@code dockerfile.source}, and {@code dockerfile.expand} because a here-document's delimiter is a shell word.
 */
@NullMarked
package dev.kiln.dockerfile.lex;

import org.jspecify.annotations.NullMarked;
