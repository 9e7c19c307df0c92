/**
 * A folder on this machine as a build context.
 *
 * <p>May import {@code dockerfile.ignore} and {@code layercache}.
 */
@NullMarked
package dev.kiln.cli.context;

import org.jspecify.annotations.NullMarked;
