/**
 * Runs one process in namespaces, through an OCI runtime.
 *
 * <p>May import {@code mount}.
 */
@NullMarked
package dev.kiln.executor.runtime;

import org.jspecify.annotations.NullMarked;
