/**
 * Decides which build is handed to an executor next: tenants by their weights, a tenant's builds by priority and age. One
 * API process does so for the farm; all of them show who waits.
 *
 * <p>May import {@code http}, {@code queue} and the documents of {@code queue.job}, {@code queue.event} and
 * {@code queue.upkeep}.
 */
@NullMarked
package dev.kiln.api.dispatch;

import org.jspecify.annotations.NullMarked;
