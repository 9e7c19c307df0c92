/**
 * Cache mounts as artifacts in registries: what one executor's caches hold, for others to begin with.
 *
 * <p>An artifact is an OCI image manifest of {@code artifactType application/vnd.kiln.cachemount.v1} with an empty
 * configuration and one layer for each cache, a tar compressed by zstd. Annotations of the layer say which cache it is. One
 * tag holds caches of many ids; an export replaces those of its own ids and leaves the rest.
 *
 * <p>An artifact is input like any other: names and owners in it are confined, sizes bounded, digests checked. A cache is
 * filled where nobody sees it, and gets its name when it is whole.
 *
 * <p>May import {@code cachemount}, {@code graph} and {@code layercache}. Safe for many threads.
 */
@NullMarked
package dev.kiln.executor.cacheartifact;

import org.jspecify.annotations.NullMarked;
