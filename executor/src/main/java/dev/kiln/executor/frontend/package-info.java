/**
 * A parsed Dockerfile to a graph and the image's configuration.
 *
 * <p>Pure but for the lookup of base images, which it gets as a role. May import {@code dockerfile}, {@code graph} and {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.executor.frontend;

import org.jspecify.annotations.NullMarked;
