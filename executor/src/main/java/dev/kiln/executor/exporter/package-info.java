/**
 * The result of a build to an image, and the image to registries.
 *
 * <p>A new history line gets the time at which its layer was made. That time stays with the layer in the cache index, so a
 * build that ran no step gives the very image it gave before. Lines without a layer get the time of the layer before
 * them, or of the first new one.
 *
 * <p>May import {@code solver}, {@code layercache.oci}, {@code layercache.index} (the layers of a result),
 * {@code layercache.registry} and the roles of {@code layercache.content}.
 */
@NullMarked
package dev.kiln.executor.exporter;

import org.jspecify.annotations.NullMarked;
