/**
 * Content-addressed blobs: the roles that read and write them, and the store on the local disk.
 *
 * <p>May import {@code oci} and {@code durable}; one home of Caffeine, the other is {@code index}.
 */
@NullMarked
package dev.kiln.layercache.content;

import org.jspecify.annotations.NullMarked;
