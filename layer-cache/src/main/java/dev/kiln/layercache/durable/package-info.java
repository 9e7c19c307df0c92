/**
 * Files that are there whole or not at all, also after a crash.
 *
 * <p>The protocol: write under a name of this process's own in a {@code TempFolder} of the same filesystem, fsync the file,
 * rename it over its final name, fsync the directory. What a dead process left in its temp folder is removed when the next
 * one opens its own. Everything here is safe for many threads.
 *
 * <p>Imports nothing of Kiln.
 */
@NullMarked
package dev.kiln.layercache.durable;

import org.jspecify.annotations.NullMarked;
