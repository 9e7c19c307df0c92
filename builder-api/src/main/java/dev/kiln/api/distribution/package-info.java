/**
 * The farm's own image registry under {@code /v2/}: OCI distribution-spec 1.1 over the content store.
 *
 * <p>Bytes lie once in the content store, whatever repositories they were pushed to; a <em>repository</em> is only its
 * list of manifests and its tags. For the farm, a blob that is anywhere in the content store counts as present in every
 * repository, unless it was deleted there; so pushing what the farm has, in whatever repository, sends nothing. For callers whom
 * an access list gives rights on some repositories only, it is where it was pushed or mounted, or where a manifest refers to it.
 *
 * <p>Deleting a blob takes it out of one repository and is refused while a manifest there needs it. The bytes stay: builds
 * share them, and only the store's collector knows who still holds them.
 *
 * <p>Everything blocks and runs on virtual threads. May import {@code http}, {@code access}, and {@code oci}, {@code content} and
 * {@code durable} of the layer cache.
 */
@NullMarked
package dev.kiln.api.distribution;

import org.jspecify.annotations.NullMarked;
