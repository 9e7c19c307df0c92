/**
 * The file calls of Linux that {@code java.nio} lacks: stat without its cost, devices, extended attributes, owners of links.
 *
 * <p>The one home of jnr for files. Names are bytes to Linux, and {@link java.nio.file.Path} cannot hold a name that is not
 * valid in the encoding of the process; so everything here takes and gives {@link dev.kiln.layercache.posix.RawPath}, which
 * keeps the bytes as they are. The native library is loaded by the first call, not by loading a class. All calls block, are
 * safe for many threads, and fail with {@link dev.kiln.layercache.posix.PosixException}. x86_64 and aarch64 only: the
 * structures read here ({@code statx}, {@code linux_dirent64}) are the same on both.
 *
 * <p>Imports nothing of Kiln.
 */
@NullMarked
package dev.kiln.layercache.posix;

import org.jspecify.annotations.NullMarked;
