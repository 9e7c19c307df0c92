package dev.kiln.dockerfile.ignore;

import java.util.ArrayList;
import java.util.List;

/**
 * One pattern, matched by following all possibilities at once: no input makes it slow.
 *
 * <p>
 * State {@code i} means that the first {@code i} tokens have matched. {@link Kind#DIRECTORIES} is optional and comes in
 * two tokens: the way around it, and the loop within it that only a slash leaves.
 */
final class PathPattern {

    private enum Kind {
        LITERAL, SET, ONE, WITHIN_NAME, ANYTHING, DIRECTORIES, WITHIN_DIRECTORIES
    }

    private record Token(Kind kind, int character, CharacterSet set) {

        static Token literal(int character) {
            return new Token(Kind.LITERAL, character, CharacterSet.NONE);
        }

        static Token of(Kind kind) {
            return new Token(kind, 0, CharacterSet.NONE);
        }

        boolean matches(int c) {
            return switch (kind) {
                case LITERAL -> c == character;
                case SET -> set.contains(c);
                case ONE, WITHIN_NAME -> c != '/';
                case ANYTHING, WITHIN_DIRECTORIES -> true;
                case DIRECTORIES -> false;
            };
        }

        boolean repeats() {
            return kind == Kind.WITHIN_NAME || kind == Kind.ANYTHING;
        }
    }

    private final Token[] tokens;
    private final String literalStart;

    private PathPattern(List<Token> tokens) {
        this.tokens = tokens.toArray(Token[]::new);
        StringBuilder start = new StringBuilder();
        for (int i = 0; i < this.tokens.length && this.tokens[i].kind == Kind.LITERAL; i++) {
            start.appendCodePoint(this.tokens[i].character);
        }
        this.literalStart = start.toString();
    }

    /** @param line for the error */
    static PathPattern parse(String pattern, int line) {
        return new PathPattern(new Parser(pattern, line).parse());
    }

    /** Whether the pattern matches the path or one of the directories above it. */
    boolean matchesOrContains(String path) {
        if (!path.startsWith(literalStart)) {
            return false;
        }
        boolean[] alive = start();
        for (int at = 0; at < path.length();) {
            int c = path.codePointAt(at);
            if (c == '/' && alive[tokens.length]) {
                return true;
            }
            if (!step(alive, c)) {
                return false;
            }
            at += Character.charCount(c);
        }
        return alive[tokens.length];
    }

    /** Whether the pattern matches the path itself. */
    boolean matches(String path) {
        if (!path.startsWith(literalStart)) {
            return false;
        }
        boolean[] alive = start();
        return path.codePoints().allMatch(c -> step(alive, c)) && alive[tokens.length];
    }

    /** Whether there can be a path below the directory that the pattern matches. */
    boolean mayMatchBelow(String directory) {
        boolean[] alive = start();
        return (directory + "/").codePoints().allMatch(c -> step(alive, c));
    }

    private boolean[] start() {
        boolean[] alive = new boolean[tokens.length + 1];
        alive[0] = true;
        passOptional(alive);
        return alive;
    }

    /** Consumes one character; false if no possibility is left. */
    private boolean step(boolean[] alive, int c) {
        alive[tokens.length] = false;
        for (int i = tokens.length - 1; i >= 0; i--) {
            if (alive[i]) {
                Token token = tokens[i];
                boolean matches = token.matches(c);
                boolean loops = token.repeats() || token.kind == Kind.WITHIN_DIRECTORIES;
                alive[i] = matches && loops;
                alive[i + 1] |= matches && (!loops || (token.kind == Kind.WITHIN_DIRECTORIES && c == '/'));
            }
        }
        return passOptional(alive);
    }

    private boolean passOptional(boolean[] alive) {
        boolean any = alive[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            if (alive[i]) {
                any = true;
                if (tokens[i].repeats()) {
                    alive[i + 1] = true;
                } else if (tokens[i].kind == Kind.DIRECTORIES) {
                    alive[i + 1] = true;
                    alive[i + 2] = true;
                }
            }
        }
        return any;
    }

    private static final class Parser {

        private final int[] text;
        private final String pattern;
        private final int line;
        private final List<Token> tokens = new ArrayList<>();
        private boolean onlyLiterals = true;
        private boolean anySuffix;
        private int at;

        Parser(String pattern, int line) {
            this.pattern = pattern;
            this.text = pattern.codePoints().toArray();
            this.line = line;
        }

        List<Token> parse() {
            while (at < text.length) {
                int c = text[at++];
                switch (c) {
                    case '*' -> star();
                    case '?' -> add(Token.of(Kind.ONE));
                    case '[' -> set();
                    case '\\' -> add(Token.literal(escaped()));
                    default -> tokens.add(Token.literal(c));
                }
            }
            if (anySuffix && onlyLiterals) {
                // "**name": historically any path that ends so, and not only a whole name.
                tokens.subList(0, 2).clear();
                tokens.addFirst(Token.of(Kind.ANYTHING));
            }
            return tokens;
        }

        private void add(Token token) {
            tokens.add(token);
            onlyLiterals = false;
        }

        private void star() {
            if (at == text.length || text[at] != '*') {
                add(Token.of(Kind.WITHIN_NAME));
                return;
            }
            boolean first = at == 1;
            at++;
            boolean slash = at < text.length && text[at] == '/';
            if (slash) {
                at++;
            }
            if (at == text.length) {
                add(Token.of(Kind.ANYTHING));
            } else {
                tokens.add(Token.of(Kind.DIRECTORIES));
                tokens.add(Token.of(Kind.WITHIN_DIRECTORIES));
                anySuffix |= first && !slash;
                onlyLiterals &= first;
            }
        }

        private int escaped() {
            if (at == text.length) {
                throw malformed();
            }
            return text[at++];
        }

        private void set() {
            boolean negated = at < text.length && text[at] == '^';
            if (negated) {
                at++;
            }
            List<int[]> ranges = new ArrayList<>();
            do {
                int low = bound();
                int high = low;
                if (at < text.length && text[at] == '-') {
                    at++;
                    high = bound();
                    if (high < low) {
                        throw malformed();
                    }
                }
                ranges.add(new int[]{low, high});
            } while (at < text.length && text[at] != ']');
            if (at == text.length) {
                throw malformed();
            }
            at++;
            add(new Token(Kind.SET, 0, new CharacterSet(ranges, negated)));
        }

        private int bound() {
            if (at == text.length || text[at] == '-' || text[at] == ']') {
                throw malformed();
            }
            int c = text[at++];
            return c == '\\' ? escaped() : c;
        }

        private IgnoreFileException malformed() {
            return new IgnoreFileException(IgnoreFileException.Code.PATTERN, line,
                    "syntax error in pattern \"" + pattern + "\"");
        }
    }

    /** The characters between brackets. */
    private record CharacterSet(List<int[]> ranges, boolean negated) {

        static final CharacterSet NONE = new CharacterSet(List.of(), false);

        boolean contains(int c) {
            return ranges.stream().anyMatch(range -> range[0] <= c && c <= range[1]) != negated;
        }
    }
}
