/**
 * The file calls of Linux that {@code java.nio} lacks: stat without its cost, devices, extended attributes, owners of links.
 *
 * <p>The one home of jnr for files. Imports nothing of Kiln.
 */
@NullMarked
package dev.kiln.layercache.posix;

import org.jspecify.annotations.NullMarked;
