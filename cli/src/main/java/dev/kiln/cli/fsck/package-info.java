/**
 * The check of a data folder that no process uses.
 *
 * <p>May import what the packages that keep something on disk offer for it.
 */
@NullMarked
package dev.kiln.cli.fsck;

import org.jspecify.annotations.NullMarked;
