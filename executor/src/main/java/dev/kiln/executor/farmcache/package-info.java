/**
 * Results of steps that the executors of a farm hand each other through the farm's registry, so that a step that ended on one
 * is not run again on another.
 *
 * <p>A result is an artifact in the repository {@code steps}: a manifest that names the blobs of its layers and says the rest
 * in annotations, under one tag for each key. Tags are written last, so what is found is whole.
 *
 * <p>May import {@code solver} (the role {@code FarmResults}), {@code exporter} (uploads), {@code layercache.oci},
 * {@code .index}, {@code .content} and {@code .registry}.
 */
@NullMarked
package dev.kiln.executor.farmcache;

import org.jspecify.annotations.NullMarked;
