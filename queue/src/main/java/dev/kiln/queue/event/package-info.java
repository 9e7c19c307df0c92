/**
 * What happened to a build, as a sealed family of records with one JSON form for Kafka, HTTP and the command line.
 *
 * <p>May import {@code job} and {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.queue.event;

import org.jspecify.annotations.NullMarked;
