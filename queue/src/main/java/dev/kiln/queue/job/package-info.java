/**
 * What is asked: a build request and its parts, with their one JSON form.
 *
 * <p>May import {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.queue.job;

import org.jspecify.annotations.NullMarked;
