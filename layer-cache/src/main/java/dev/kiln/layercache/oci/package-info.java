/**
 * The words of the OCI image and distribution specifications as values: parsed once, no input or output.
 *
 * <p>Everything here is immutable and safe to share between threads. Imports nothing of Kiln.
 */
@NullMarked
package dev.kiln.layercache.oci;

import org.jspecify.annotations.NullMarked;
