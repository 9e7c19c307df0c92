/**
 * What log lines say of the work that they come from: its build, attempt, executor and vertex, which a thread has in SLF4J's
 * MDC. A thread does not inherit them, since one of a pool would keep those of whoever made it; so whoever starts a thread
 * for a build hands them on.
 *
 * <p>Imports nothing of Kiln.
 */
@NullMarked
package dev.kiln.executor.logging;

import org.jspecify.annotations.NullMarked;
