/**
 * What {@code RUN --mount=type=ssh} shows to a step: an agent of its own with the request's keys.
 *
 * <p>The keys are in a real {@code ssh-agent}, which nobody but this executor reaches: a step talks to a relay that lets
 * through only what asks for the list of keys and for signatures. So the agent is never told to load a library or to keep a
 * key, and it does not matter as which user the step runs, whereas {@code ssh-agent} itself serves none but its own.
 *
 * <p>May import {@code layercache.posix}. Safe for many threads.
 */
@NullMarked
package dev.kiln.executor.ssh;

import org.jspecify.annotations.NullMarked;
