/**
 * The word that snapshots emit and runtimes consume.
 *
 * <p>May import {@code layercache.posix}, for the names of Linux errors.
 */
@NullMarked
package dev.kiln.executor.mount;

import org.jspecify.annotations.NullMarked;
