/**
 * The directories of {@code RUN --mount=type=cache}: kept on this executor from build to build, lent to steps.
 *
 * <p>Terms: a cache's <em>identity</em> is its id and what it began with. There may be several caches of one identity, when
 * steps that do not share wanted it at the same time. A cache is <em>lent</em> while a step has it mounted.
 *
 * <p>May import {@code graph}, {@code mount} and {@code layercache.durable}, {@code layercache.oci} and
 * {@code layercache.posix}. Safe for many threads.
 */
@NullMarked
package dev.kiln.executor.cachemount;

import org.jspecify.annotations.NullMarked;
