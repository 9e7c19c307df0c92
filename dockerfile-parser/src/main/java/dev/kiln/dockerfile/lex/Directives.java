package dev.kiln.dockerfile.lex;

import java.util.Optional;

/** The parser directives of a file. */
public record Directives(Optional<Directive> syntax, Optional<Directive> escape, Optional<Directive> check) {

    private static final char BACKSLASH = '\\';

    /** The character that continues lines and takes the meaning from others: backslash or backtick. */
    public char escapeCharacter() {
        return escape.map(directive -> directive.value().charAt(0)).orElse(BACKSLASH);
    }
}
