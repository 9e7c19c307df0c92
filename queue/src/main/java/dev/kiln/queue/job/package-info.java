/**
 * What is asked: a build request and its parts, with their one JSON form, and the job that carries it to an executor.
 *
 * <p>Requests are shown to whoever may read builds, so they hold no secret, sealed or not. May import
 * {@code layercache.oci} and {@code json}.
 */
@NullMarked
package dev.kiln.queue.job;

import org.jspecify.annotations.NullMarked;
