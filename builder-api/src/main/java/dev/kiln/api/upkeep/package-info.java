/**
 * What executors keep on their disks: asked for and pruned from here.
 *
 * <p>May import {@code api.http}, {@code queue}, {@code queue.upkeep} and {@code layercache.lease}.
 */
@NullMarked
package dev.kiln.api.upkeep;

import org.jspecify.annotations.NullMarked;
