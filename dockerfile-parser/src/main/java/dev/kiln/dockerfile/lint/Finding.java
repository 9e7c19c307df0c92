package dev.kiln.dockerfile.lint;

import dev.kiln.dockerfile.source.SourceRange;

/**
 * One occurrence of a mistake.
 *
 * @param range the instruction that makes it; the lines of it are the ones that BuildKit reports
 */
public record Finding(Rule rule, String message, SourceRange range) {}
