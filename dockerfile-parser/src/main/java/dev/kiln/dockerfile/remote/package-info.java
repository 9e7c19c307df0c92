/**
 * Tells which words of a Dockerfile, and which contexts, are addresses on the network, and what they say.
 *
 * <p>
 * Terms: a <em>git reference</em> is the address of a repository with what to take from it; an <em>HTTP address</em> is
 * that of one file. A word is one of the two or neither, by its form alone: nothing is ever looked up. Addresses may hold
 * credentials; no error and no {@code toString} shows them. Everything is pure, immutable and may be shared between
 * threads. May import {@code dockerfile.source}, and {@code dockerfile.lex} for the quoting of words.
 */
@NullMarked
package dev.kiln.dockerfile.remote;

import org.jspecify.annotations.NullMarked;
