/**
 * What makes short commands start fast: a rehearsal whose classes the JVM keeps in a file (JEP 514) for those that follow.
 *
 * <p>May import {@code cli} and the codecs of {@code queue.event}.
 */
@NullMarked
package dev.kiln.cli.startup;

import org.jspecify.annotations.NullMarked;
