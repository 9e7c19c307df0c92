/**
 * The result of a build to images, in the form that each output wants, and the images to registries.
 *
 * <p>A new history line gets the time at which its layer was made. That time stays with the layer in the cache index, so a
 * build that ran no step gives the very image it gave before. Lines without a layer get the time of the layer before
 * them, or of the first new one.
 *
 * <p>Layers are made anew only where a form asks for it, from their blobs and never from unpacked files, and what was made
 * is remembered in the index of steps' results.
 *
 * <p>May import {@code solver}, {@code graph}, {@code layercache.oci}, {@code layercache.index} (the layers of a result),
 * {@code layercache.layer}, {@code layercache.registry}, the roles of {@code layercache.content}, and of {@code queue.job}
 * the words in which a request says its outputs.
 */
@NullMarked
package dev.kiln.executor.exporter;

import org.jspecify.annotations.NullMarked;
