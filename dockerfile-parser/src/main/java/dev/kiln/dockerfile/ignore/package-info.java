/**
 * Decides which files of a build context stay behind, by the patterns of a {@code .dockerignore}.
 *
 * <p>
 * Paths are relative to the context's root and separated by slashes. Nothing here touches a file system. Everything is
 * immutable and may be shared between threads. Imports nothing but the JDK.
 */
@NullMarked
package dev.kiln.dockerfile.ignore;

import org.jspecify.annotations.NullMarked;
