package dev.kiln.dockerfile.lex;

import dev.kiln.dockerfile.source.SourceRange;

/** A {@code # name=value} line at the top of a file. */
public record Directive(String value, SourceRange range) {}
