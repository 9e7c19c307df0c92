/**
 * The API process: its settings, its wiring and its main.
 *
 * <p>{@link dev.kiln.api.ApiServer} is given all it works with and owns only what it makes of it; whoever opened a thing
 * closes it. May import all of the API, {@code queue}, {@code metrics} and the layer cache; {@code queue.kafka} in {@code ApiMain} only.
 */
@NullMarked
package dev.kiln.api;

import org.jspecify.annotations.NullMarked;
