package dev.kiln.executor.op;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import dev.kiln.layercache.posix.RawPath;

/**
 * A pattern of Go's {@code filepath.Match}: {@code *} is any run without a slash, {@code ?} one character but a slash,
 * {@code [a-z]} and {@code [^a-z]} one character, a backslash takes the next one as it is.
 */
final class GoPattern {
    private static final int SLASH = '/';
    private final List<Token> tokens;

    private sealed interface Token {
        record Run() implements Token {}

        record One() implements Token {}

        record Literal(int character) implements Token {}

        /** @param ranges first and last character of each, in turn */
        record OneOf(boolean negated, List<Integer> ranges) implements Token {}
    }

    private GoPattern(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** True when the text has a wildcard that no backslash takes away. */
    static boolean isPattern(String text) {
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++;
                case '*', '?', '[' -> {
                    return true;
                }
                default -> {
                    // any other character stands for itself
                }
            }
        }
        return false;
    }

    /** Throws {@link IllegalArgumentException} when the pattern is malformed. */
    static GoPattern compile(String pattern) {
        return new GoPattern(new Parser(pattern).parse());
    }

    /** Whether the pattern matches the whole path. Bytes that are not UTF-8 match one by one. */
    boolean matches(RawPath path) {
        int[] text = characters(path);
        int at = 0;
        int token = 0;
        int runToken = -1;
        int runAt = 0;
        while (at < text.length || token < tokens.size()) {
            if (token < tokens.size() && tokens.get(token) instanceof Token.Run) {
                runToken = token++;
                runAt = at;
            } else if (token < tokens.size() && at < text.length && matches(tokens.get(token), text[at])) {
                token++;
                at++;
            } else if (runToken >= 0 && runAt < text.length && text[runAt] != SLASH) {
                at = ++runAt;
                token = runToken + 1;
            } else {
                return false;
            }
        }
        return true;
    }

    /** The characters, or when it is not UTF-8 a number for each byte, beyond all characters for the odd ones. */
    private static int[] characters(RawPath path) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path.bytes())).codePoints().toArray();
        } catch (CharacterCodingException e) {
            return path.latin1().chars().map(b -> b < 0x80 ? b : b + Character.MAX_CODE_POINT).toArray();
        }
    }

    private static boolean matches(Token token, int character) {
        return switch (token) {
            case Token.Run() -> throw new IllegalStateException("a run matches no single character");
            case Token.One() -> character != SLASH;
            case Token.Literal(int expected) -> expected == character;
            case Token.OneOf(boolean negated, List<Integer> ranges) -> negated != within(ranges, character);
        };
    }

    private static boolean within(List<Integer> ranges, int character) {
        for (int i = 0; i < ranges.size(); i += 2) {
            if (ranges.get(i) <= character && character <= ranges.get(i + 1)) {
                return true;
            }
        }
        return false;
    }

    private static final class Parser {
        private final int[] text;
        private int at;

        Parser(String pattern) {
            text = pattern.codePoints().toArray();
        }

        List<Token> parse() {
            List<Token> tokens = new ArrayList<>();
            while (at < text.length) {
                tokens.add(switch (text[at]) {
                    case '*' -> single(new Token.Run());
                    case '?' -> single(new Token.One());
                    case '[' -> oneOf();
                    default -> new Token.Literal(character());
                });
            }
            return tokens;
        }

        private Token single(Token token) {
            at++;
            return token;
        }

        private Token oneOf() {
            at++;
            boolean negated = peek() == '^';
            if (negated) {
                at++;
            }
            List<Integer> ranges = new ArrayList<>();
            while (ranges.isEmpty() || peek() != ']') {
                if (peek() == '-' || peek() == ']') {
                    throw malformed();
                }
                int first = character();
                int last = first;
                if (peek() == '-') {
                    at++;
                    if (peek() == '-' || peek() == ']') {
                        throw malformed();
                    }
                    last = character();
                }
                ranges.add(first);
                ranges.add(last);
            }
            at++;
            return new Token.OneOf(negated, ranges);
        }

        private int peek() {
            if (at >= text.length) {
                throw malformed();
            }
            return text[at];
        }

        private int character() {
            if (peek() == '\\') {
                at++;
                peek();
            }
            return text[at++];
        }

        private static IllegalArgumentException malformed() {
            return new IllegalArgumentException("syntax error in pattern");
        }
    }
}
