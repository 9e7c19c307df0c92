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

    private static final int DEEPEST = 100;

    private final LogicalLine line;
    private final int from;
    private final int to;
    private final List<Word> words = new ArrayList<>();
    private boolean onlyStrings = true;
    private int at;

    JsonStrings(LogicalLine line, int from, int to) {
        this.line = line;
        this.from = from;
        this.to = to;
    }

    /** Empty if the text is not a JSON array. */
    Optional<List<Word>> parse() {
        at = Whitespace.skip(line.text(), from, to);
        if (peek() != '[' || !elements() || skipBlanks() != -1) {
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
        at++;
        if (skipBlanks() == ']') {
            at++;
            return true;
        }
        while (true) {
            if (!element()) {
                return false;
            }
            int c = skipBlanks();
            at++;
            if (c != ',') {
                return c == ']';
            }
        }
    }

    private boolean element() {
        if (skipBlanks() != '"') {
            onlyStrings = false;
            return value(1);
        }
        int start = at;
        StringBuilder text = new StringBuilder();
        if (!string(text)) {
            return false;
        }
        words.add(new Word(text.toString(), line.range(start, at)));
        return true;
    }

    /** Passes over any value; false if it is malformed or nested absurdly deep. */
    private boolean value(int depth) {
        int c = skipBlanks();
        return switch (c) {
            case '"' -> string(new StringBuilder());
            case '[' -> depth < DEEPEST && members(']', depth);
            case '{' -> depth < DEEPEST && members('}', depth);
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        };
    }

    private boolean members(char close, int depth) {
        at++;
        if (skipBlanks() == close) {
            at++;
            return true;
        }
        while (true) {
            if (close == '}' && !key()) {
                return false;
            }
            if (!value(depth + 1)) {
                return false;
            }
            int c = skipBlanks();
            at++;
            if (c != ',') {
                return c == close;
            }
        }
    }

    private boolean key() {
        if (skipBlanks() != '"' || !string(new StringBuilder()) || skipBlanks() != ':') {
            return false;
        }
        at++;
        return true;
    }

    private boolean literal(String word) {
        if (at + word.length() > to || !line.substring(at, at + word.length()).equals(word)) {
            return false;
        }
        at += word.length();
        return true;
    }

    private boolean number() {
        if (peek() == '-') {
            at++;
        }
        boolean integer = peek() == '0' ? ++at > 0 : digits();
        if (integer && peek() == '.') {
            at++;
            integer = digits();
        }
        if (integer && (peek() == 'e' || peek() == 'E')) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            integer = digits();
        }
        return integer;
    }

    private boolean digits() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        return at > start;
    }

    private boolean string(StringBuilder text) {
        at++;
        while (at < to) {
            char c = line.charAt(at++);
            if (c == '"') {
                return true;
            }
            if (c < ' ') {
                return false;
            }
            if (c != '\\') {
                text.append(c);
            } else if (!escape(text)) {
                return false;
            }
        }
        return false;
    }

    private boolean escape(StringBuilder text) {
        int c = peek();
        at++;
        int plain = "\"\\/bfnrt".indexOf(c);
        if (c >= 0 && plain >= 0) {
            text.append("\"\\/\b\f\n\r\t".charAt(plain));
            return true;
        }
        int first = c == 'u' ? hex() : -1;
        if (first < 0) {
            return false;
        }
        int pair = Character.isHighSurrogate((char) first) ? lowSurrogate() : 0;
        if (pair > 0) {
            text.append((char) first).append((char) pair);
        } else {
            text.append(Character.isSurrogate((char) first) ? '\uFFFD' : (char) first);
        }
        return true;
    }

    /** The other half of a pair, consumed, or 0 with nothing consumed. */
    private int lowSurrogate() {
        int start = at;
        if (peek() == '\\' && at + 1 < to && line.charAt(at + 1) == 'u') {
            at += 2;
            int low = hex();
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
                return low;
            }
        }
        at = start;
        return 0;
    }

    private int hex() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < to && line.charAt(at) < 0x80 ? Character.digit(line.charAt(at), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
            at++;
        }
        return value;
    }

    /** The next character that is no JSON white space, not consumed; -1 at the end. */
    private int skipBlanks() {
        while (at < to && " \t\r\n".indexOf(line.charAt(at)) >= 0) {
            at++;
        }
        return peek();
    }

    private int peek() {
        return at < to ? line.charAt(at) : -1;
    }
}
