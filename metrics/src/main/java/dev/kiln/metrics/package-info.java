/**
 * What a process of Kiln measures and how it is asked: the meters of one process, its page for Prometheus, and probes for a
 * process without an HTTP surface of its own. Here, too, are the meters that API and executors have in common; what only one
 * of them has stands with it.
 *
 * <p>A meter is found through the registry that its part was given; there is no registry of the JVM. Labels have few values,
 * known beforehand: never the id of a build, a name that somebody chose, or an address.
 *
 * <p>Imports {@code queue} and {@code layercache.lease}, {@code layercache.registry} for the roles that they have for it.
 */
@NullMarked
package dev.kiln.metrics;

import org.jspecify.annotations.NullMarked;
