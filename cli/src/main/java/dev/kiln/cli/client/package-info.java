/**
 * HTTP to the farm's API.
 *
 * <p>On the JDK's oldest HTTP client, because it starts fastest. May import {@code queue.job}, {@code queue.event} and {@code layercache.oci}.
 */
@NullMarked
package dev.kiln.cli.client;

import org.jspecify.annotations.NullMarked;
