package dev.kiln.dockerfile.lex;

import dev.kiln.dockerfile.source.SourceRange;

/** A {@code # name=value} line at the top of a file. */
public record Directive(String value, SourceRange range) {

    /** The value up to the first space. */
    public String firstWord() {
        int space = value.indexOf(' ');
        return space < 0 ? value : value.substring(0, space);
    }
}
