/**
 * Runs one process in namespaces, through an OCI runtime.
 *
 * <p>{@link dev.kiln.executor.runtime.RuntimeProbe} finds a runtime that works here; the runtime's own Javadoc says the
 * rest. Calls block; interrupting them is how a step is cancelled. May import {@code mount}, {@code layercache.oci} and
 * {@code layercache.posix}.
 */
@NullMarked
package dev.kiln.executor.runtime;

import org.jspecify.annotations.NullMarked;
