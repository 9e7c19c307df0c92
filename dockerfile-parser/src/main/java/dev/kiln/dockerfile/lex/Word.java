package dev.kiln.dockerfile.lex;

import dev.kiln.dockerfile.source.SourceRange;

/** A piece of an instruction; variables in it are not expanded yet. */
public record Word(String text, SourceRange range) {}
