/**
 * Secrets of builds: what a client gives, and the sealed form in which they travel and rest.
 *
 * <p>All secrets of a build are sealed together with the farm's key, by an API process, and bound to the build's id; only
 * an executor that has the key opens them, in memory. The sealed bytes are a blob of the farm and not part of the job:
 * BuildKit takes secrets of 500 KiB, more than a record of the queue holds, and so the queue keeps nothing of them for
 * its days of retention. Nothing here shows what it holds in {@code toString} or in a message. May import {@code job} and
 * {@code json}.
 */
@NullMarked
package dev.kiln.queue.secret;

import org.jspecify.annotations.NullMarked;
