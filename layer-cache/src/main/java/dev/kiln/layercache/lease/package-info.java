/**
 * Keeping content while it is in use: a lease names blobs and snapshots that nobody may collect.
 *
 * <p>Terms: a <i>lease</i> belongs to one user of content (a build, an upload), has a name and ends by itself when its user
 * does not renew it; it <i>holds</i> blobs by digest and snapshots by name. (Who works on a job has a claim, not a lease.)
 * A lease must be taken before the content it is for is looked up or written.
 *
 * <p>May import {@code oci} and {@code durable}.
 */
@NullMarked
package dev.kiln.layercache.lease;

import org.jspecify.annotations.NullMarked;
