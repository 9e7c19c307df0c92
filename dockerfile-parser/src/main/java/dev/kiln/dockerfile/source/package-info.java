/**
 * Says where in a Dockerfile something stands, and carries errors that say so.
 *
 * <p>
 * Lines and columns count from 1; a column counts UTF-16 units of the decoded line. All values are immutable and may be
 * shared between threads. Imports nothing but the JDK.
 */
@NullMarked
package dev.kiln.dockerfile.source;

import org.jspecify.annotations.NullMarked;
