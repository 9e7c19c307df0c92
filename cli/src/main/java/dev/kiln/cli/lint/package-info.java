/**
 * How the findings of the linter are told: to people, and to programs as JSON or SARIF.
 *
 * <p>Text of the file is untrusted and reaches a terminal only without control characters. May import {@code cli.progress} and
 * {@code dockerfile}.
 */
@NullMarked
package dev.kiln.cli.lint;

import org.jspecify.annotations.NullMarked;
