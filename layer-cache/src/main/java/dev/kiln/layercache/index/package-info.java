/**
 * Which cache key has which result: in memory by Caffeine, on disk for the next start.
 *
 * <p>May import {@code oci} and {@code durable}; one home of Caffeine, the other is {@code content}.
 */
@NullMarked
package dev.kiln.layercache.index;

import org.jspecify.annotations.NullMarked;
