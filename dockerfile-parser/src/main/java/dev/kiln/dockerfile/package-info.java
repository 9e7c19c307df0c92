/**
 * The Dockerfile language: text to typed instructions to stages, each step pure
 * and without input or output.
 */
@NullMarked
package dev.kiln.dockerfile;

import org.jspecify.annotations.NullMarked;
