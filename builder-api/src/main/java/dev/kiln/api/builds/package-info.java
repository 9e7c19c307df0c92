/**
 * The single door for builds: contexts come in, builds are accepted, watched and cancelled.
 *
 * <p>The <em>ledger</em> folds the log of events into the state of every build; its <em>tail</em> is the newest events of
 * all builds, in bounded memory, from which those who watch are fed. Everything here blocks and runs on virtual
 * threads; types are safe for many threads unless they say otherwise. May import {@code http}, {@code dockerfile},
 * the contracts and JSON forms of {@code queue}, and {@code oci}, {@code content}, {@code context} and {@code layer} of the
 * layer cache.
 */
@NullMarked
package dev.kiln.api.builds;

import org.jspecify.annotations.NullMarked;
