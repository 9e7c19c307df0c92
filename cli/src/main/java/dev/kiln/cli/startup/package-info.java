/**
 * What makes short commands start fast: a rehearsal whose classes the JVM keeps in a file (JEP 514) for those that follow.
 *
 * <p>May import {@code cli}, the codecs of {@code queue.event} and the broker of {@code queue.broker}.
 */
@NullMarked
package dev.kiln.cli.startup;

import org.jspecify.annotations.NullMarked;
