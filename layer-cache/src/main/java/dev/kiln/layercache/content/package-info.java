/**
 * Content-addressed blobs: the roles that read and write them, and the store on the local disk.
 *
 * <p>May import {@code oci}.
 */
@NullMarked
package dev.kiln.layercache.content;

import org.jspecify.annotations.NullMarked;
