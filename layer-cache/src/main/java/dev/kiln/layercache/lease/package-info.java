/**
 * Keeping what is in use, and collecting the rest.
 *
 * <p>Terms: an <i>item</i> is one thing on the disk that can go by itself (a snapshot, a blob, a cache); a <i>stock</i> lists
 * the items of one kind and takes single ones away; a <i>lease</i> is held by whoever uses items (a build, a step), and what
 * is used while it is open stays until it closes; the <i>collector</i> takes items away by policies. (Who works on a job has
 * a claim, not a lease.)
 *
 * <p>One process owns a data folder, so leases live in its memory: a crash ends the builds that held them as well.
 *
 * <p>May import {@code oci}, {@code posix} and {@code content}.
 */
@NullMarked
package dev.kiln.layercache.lease;

import org.jspecify.annotations.NullMarked;
