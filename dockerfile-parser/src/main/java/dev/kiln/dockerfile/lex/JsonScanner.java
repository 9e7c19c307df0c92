package dev.kiln.dockerfile.lex;

/**
 * Moves over JSON text. Malformed text makes a method return false and leaves the position anywhere; nesting is bounded,
 * and what is nested absurdly deep counts as malformed.
 */
final class JsonScanner {

    private static final int DEEPEST = 100;

    private final CharSequence text;
    private final int to;
    private int at;

    JsonScanner(CharSequence text, int from, int to) {
        this.text = text;
        this.at = from;
        this.to = to;
    }

    int position() {
        return at;
    }

    /** Consumes one character. */
    void advance() {
        at++;
    }

    /** Passes over any value. */
    boolean value() {
        return value(1);
    }

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

    /** Passes over a string, which it does not keep, and a colon. */
    private boolean key() {
        if (skipBlanks() != '"' || !string(new StringBuilder()) || skipBlanks() != ':') {
            return false;
        }
        at++;
        return true;
    }

    private boolean literal(String word) {
        if (at + word.length() > to || !text.subSequence(at, at + word.length()).toString().equals(word)) {
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

    /** Passes over a string whose opening quote is next, and appends what it means. */
    boolean string(StringBuilder into) {
        at++;
        while (at < to) {
            char c = text.charAt(at++);
            if (c == '"') {
                return true;
            }
            if (c < ' ') {
                return false;
            }
            if (c != '\\') {
                into.append(c);
            } else if (!escape(into)) {
                return false;
            }
        }
        return false;
    }

    private boolean escape(StringBuilder into) {
        int c = peek();
        at++;
        int plain = "\"\\/bfnrt".indexOf(c);
        if (c >= 0 && plain >= 0) {
            into.append("\"\\/\b\f\n\r\t".charAt(plain));
            return true;
        }
        int first = c == 'u' ? hex() : -1;
        if (first < 0) {
            return false;
        }
        int pair = Character.isHighSurrogate((char) first) ? lowSurrogate() : 0;
        if (pair > 0) {
            into.append((char) first).append((char) pair);
        } else {
            into.append(Character.isSurrogate((char) first) ? '\uFFFD' : (char) first);
        }
        return true;
    }

    /** The other half of a pair, consumed, or 0 with nothing consumed. */
    private int lowSurrogate() {
        int start = at;
        if (peek() == '\\' && at + 1 < to && text.charAt(at + 1) == 'u') {
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
            int digit = at < to && text.charAt(at) < 0x80 ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
            at++;
        }
        return value;
    }

    /** The next character that is no JSON white space, not consumed; -1 at the end. */
    int skipBlanks() {
        while (at < to && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return peek();
    }

    int peek() {
        return at < to ? text.charAt(at) : -1;
    }
}
