/**
 * Reading JSON that strangers wrote: every refusal names the field, and size and depth are bounded.
 *
 * <p>The codecs of {@code job}, {@code event} and {@code queue} are written with this; fields that a reader does not
 * know are passed over, so that processes of different versions can work together. Imports nothing of Kiln.
 */
@NullMarked
package dev.kiln.queue.json;

import org.jspecify.annotations.NullMarked;
