/**
 * What options of {@code kiln build} say, read from their words and from this machine: secrets, keys, further contexts.
 *
 * <p>May import {@code cli.client}, {@code cli.context}, {@code dockerfile}, {@code layercache} and {@code queue}.
 */
@NullMarked
package dev.kiln.cli.build;

import org.jspecify.annotations.NullMarked;
