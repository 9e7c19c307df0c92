/**
 * A client of registries: the OCI distribution-spec over HTTP, with authentication, retries and bounds.
 *
 * <p>A registry is the remote half of content-addressed storage, so a {@link Repository} is a reader of blobs like the
 * disk store. Nothing here knows the disk. Everything is safe for many threads; calls block and end when their thread is
 * interrupted. May import {@code oci} and the roles of {@code content}.
 */
@NullMarked
package dev.kiln.layercache.registry;

import org.jspecify.annotations.NullMarked;
