package dev.kiln.dockerfile.lex;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Whitespace;

/**
 * Reads a JSON array of strings. Text that is no JSON array at all is simply not this form; a JSON array with anything
 * but strings in it is an error.
 */
final class JsonStrings {

    private final LogicalLine line;
    private final int from;
    private final int to;
    private final JsonScanner json;
    private final List<Word> words = new ArrayList<>();
    private boolean onlyStrings = true;

    JsonStrings(LogicalLine line, int from, int to) {
        this.line = line;
        this.from = from;
        this.to = to;
        this.json = new JsonScanner(line.text(), Whitespace.skip(line.text(), from, to), to);
    }

    /** Empty if the text is not a JSON array. */
    Optional<List<Word>> parse() {
        if (json.peek() != '[' || !elements() || json.skipBlanks() != -1) {
            return Optional.empty();
        }
        if (!onlyStrings) {
            throw new DockerfileException(Code.SYNTAX,
                    "when using JSON array syntax, arrays must be comprised of strings only", line.range(from, to),
                    line.substring(from, to));
        }
        return Optional.of(words);
    }

    private boolean elements() {
        json.advance();
        if (json.skipBlanks() == ']') {
            json.advance();
            return true;
        }
        while (element()) {
            int c = json.skipBlanks();
            json.advance();
            if (c != ',') {
                return c == ']';
            }
        }
        return false;
    }

    private boolean element() {
        if (json.skipBlanks() != '"') {
            onlyStrings = false;
            return json.value();
        }
        int start = json.position();
        StringBuilder text = new StringBuilder();
        if (!json.string(text)) {
            return false;
        }
        words.add(new Word(text.toString(), line.range(start, json.position())));
        return true;
    }
}
