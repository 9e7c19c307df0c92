/**
 * The contracts between the API and the executors: jobs, events, records of builds, and cancels.
 *
 * <p>A <em>claim</em> is an executor's hold on a job (a lease, by contrast, holds content). Implementations are safe for many threads unless a type says otherwise. May import {@code job} and {@code event}.
 */
@NullMarked
package dev.kiln.queue;

import org.jspecify.annotations.NullMarked;
