/**
 * What a command builds: a folder of this machine, standard input, or an address that the farm fetches.
 *
 * <p>May import {@code dockerfile.ignore}, {@code dockerfile.remote}, {@code layercache} and {@code queue.job}.
 */
@NullMarked
package dev.kiln.cli.context;

import org.jspecify.annotations.NullMarked;
