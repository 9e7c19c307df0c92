/**
 * How log lines look: as text, or as a JSON object each. Kiln's messages say their fields as {@code key={}}, so both forms
 * have the same fields without a second way to log; what a thread works for (build, attempt, executor, vertex) comes from
 * SLF4J's MDC.
 *
 * <p>Logback is seen here and nowhere else; it finds {@link dev.kiln.cli.log.LineEncoder} by its name in {@code logback.xml}.
 */
@NullMarked
package dev.kiln.cli.log;

import org.jspecify.annotations.NullMarked;
