/**
 * What a file offers to who builds it: its stages, and the arguments, secrets and keys that a target asks for, described by
 * the comments above them. As BuildKit's requests {@code targets} and {@code outline} answer.
 *
 * <p>May import the rest of {@code dockerfile} but {@code lint}.
 */
@NullMarked
package dev.kiln.dockerfile.outline;

import org.jspecify.annotations.NullMarked;
