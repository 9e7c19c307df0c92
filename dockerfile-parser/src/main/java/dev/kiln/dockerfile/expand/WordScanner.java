package dev.kiln.dockerfile.expand;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * One pass over one raw text. The position only moves forward, so time is linear in the text apart from the copies that
 * each level of nesting makes, and nesting is bounded.
 */
final class WordScanner {

    /**
     * @param quotes whether quotes mean anything
     * @param keepQuotes whether they stay in the result
     * @param keepEscapes whether the escape character stays in the result
     * @param keepUnset whether expressions over unset variables stay as they are
     */
    record Mode(char escape, boolean quotes, boolean keepQuotes, boolean keepEscapes, boolean keepUnset) {}

    private static final int DEEPEST = 200;
    private static final int MOST_ADDED = 1 << 20;
    private static final int NO_STOP = -1;

    private final String source;
    private final Mode mode;
    private final Scope scope;
    private final Set<String> used = new LinkedHashSet<>();
    private final Set<String> unset = new LinkedHashSet<>();
    private int at;
    private int depth;
    private int added;
    /** Where the innermost construct begins that is not finished yet. */
    private int construct;
    private final WordCollector words = new WordCollector();

    WordScanner(String source, Mode mode, Scope scope) {
        this.source = source;
        this.mode = mode;
        this.scope = scope;
    }

    Expansion scanAll() {
        try {
            String text = scanTo(NO_STOP, mode.keepEscapes);
            return new Expansion(text, words.finish(), used, unset);
        } catch (DockerfileException failed) {
            throw new DockerfileException(failed.code(),
                    "failed to process \"" + shortened(line(construct)) + "\": " + failed.message(), construct);
        }
    }

    /** Up to the stop character, which is consumed, or to the end of the text if there is none. */
    private String scanTo(int stop, boolean keepEscapes) {
        StringBuilder result = new StringBuilder();
        boolean collect = stop == NO_STOP;
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == stop) {
                at++;
                return result.toString();
            }
            if (c == '$') {
                String value = dollar();
                result.append(value);
                collect(collect, value, false);
            } else if (c == '<' || (mode.quotes && (c == '\'' || c == '"'))) {
                String part = c == '<' ? angle() : quoted(c, keepEscapes);
                result.append(part);
                collect(collect, part, true);
            } else {
                character(keepEscapes, result, collect);
            }
        }
        if (stop != NO_STOP) {
            throw missing(stop);
        }
        return result.toString();
    }

    private static DockerfileException missing(int stop) {
        return syntax("syntax error: missing '" + (char) stop + "'" + (stop == '/' ? " in ${}" : ""));
    }

    /** The word of an expression. As in BuildKit, a mistake that uses the text up is told as a missing end. */
    private String word(int stop, boolean keepEscapes) {
        String word;
        try {
            word = scanTo(stop, keepEscapes);
        } catch (DockerfileException inner) {
            throw at == source.length() && inner.code() == Code.EXPANSION ? missing(stop) : inner;
        }
        // Surprising, but the words of BuildKit come out like this: EXPOSE 80${X:-80} exposes 80, not 8080.
        words.forget();
        return word;
    }

    private void character(boolean keepEscapes, StringBuilder result, boolean collect) {
        char c = source.charAt(at++);
        boolean escaped = c == mode.escape;
        if (escaped) {
            if (keepEscapes) {
                result.append(c);
                collect(collect, String.valueOf(c), true);
            }
            if (at == source.length()) {
                return;
            }
            c = source.charAt(at++);
        }
        result.append(c);
        if (collect) {
            words.add(c, escaped);
        }
    }

    private void collect(boolean collect, String text, boolean literal) {
        if (collect) {
            words.add(text, literal);
        }
    }

    private String quoted(char quote, boolean keepEscapes) {
        int outer = construct;
        construct = at;
        String part = quote == '"' ? doubleQuoted(keepEscapes) : singleQuoted();
        construct = outer;
        return part;
    }

    private String singleQuoted() {
        int close = source.indexOf('\'', at + 1);
        if (close < 0) {
            at = source.length();
            throw syntax("unexpected end of statement while looking for matching single-quote");
        }
        String part = mode.keepQuotes ? source.substring(at, close + 1) : source.substring(at + 1, close);
        at = close + 1;
        return part;
    }

    private String doubleQuoted(boolean keepEscapes) {
        StringBuilder result = new StringBuilder();
        if (mode.keepQuotes) {
            result.append('"');
        }
        at++;
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '"') {
                at++;
                return mode.keepQuotes ? result.append('"').toString() : result.toString();
            }
            if (c == '$') {
                result.append(dollar());
            } else {
                at++;
                result.append(c == mode.escape ? quotedEscape(keepEscapes) : String.valueOf(c));
            }
        }
        throw syntax("unexpected end of statement while looking for matching double-quote");
    }

    /** After an escape character in double quotes: only a quote, a dollar and itself can be escaped. */
    private String quotedEscape(boolean keepEscapes) {
        String kept = keepEscapes ? String.valueOf(mode.escape) : "";
        if (at == source.length()) {
            return kept;
        }
        char next = source.charAt(at);
        if (next == '"' || next == '$' || next == mode.escape) {
            at++;
            return kept + next;
        }
        return kept + mode.escape;
    }

    /** A here-document's {@code <<} keeps the blanks after it in the same word. */
    private String angle() {
        int from = at++;
        if (at < source.length() && source.charAt(at) == '<') {
            at++;
            while (at < source.length() && "\t\r ".indexOf(source.charAt(at)) >= 0) {
                at++;
            }
        }
        return source.substring(from, at);
    }

    private String dollar() {
        int outer = construct;
        construct = at;
        String value = substituted();
        construct = outer;
        return value;
    }

    private String substituted() {
        at++;
        if (at == source.length() || source.charAt(at) != '{') {
            String name = name();
            if (name.isEmpty()) {
                return "$";
            }
            return lookUp(name).orElse(mode.keepUnset ? "$" + name : "");
        }
        at++;
        if (++depth > DEEPEST) {
            throw new DockerfileException(Code.TOO_LARGE,
                    "substitutions are nested more than " + DEEPEST + " levels deep");
        }
        String value = braced();
        depth--;
        return value;
    }

    private String braced() {
        int first = next();
        if (first == '{' || first == '}' || first == ':') {
            throw syntax("syntax error: bad substitution");
        }
        at -= Character.charCount(first);
        String name = name();
        int operator = next();
        return switch (operator) {
            case '}' -> lookUp(name).orElse(mode.keepUnset ? "${" + name + "}" : "");
            case ':' -> modified(name, next(), true);
            case '/' -> replaced(name);
            default -> modified(name, operator, false);
        };
    }

    private int next() {
        if (at == source.length()) {
            throw missing('}');
        }
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    /** {@code ${name-word}} and its relatives; {@code colon} makes an empty value count as unset. */
    private String modified(String name, int operator, boolean colon) {
        String sign = (colon ? ":" : "") + Character.toString(operator);
        boolean pattern = operator == '#' || operator == '%';
        boolean known = "+-?".indexOf(operator) >= 0;
        if (pattern ? colon : !known && !colon) {
            throw unsupported(sign);
        }
        String word = word('}', pattern);
        Optional<String> value = lookUp(name);
        if (mode.keepUnset && value.isEmpty()) {
            return "${" + name + sign + word + "}";
        }
        if (!known && !pattern) {
            throw unsupported(sign);
        }
        boolean present = value.isPresent() && !(colon && value.get().isEmpty());
        return switch (operator) {
            case '-' -> present ? value.orElseThrow() : word;
            case '+' -> present ? word : "";
            case '?' -> demand(name, word, value, present);
            default -> trimmed(value.orElse(""), word, (char) operator);
        };
    }

    private static DockerfileException unsupported(String sign) {
        return syntax("unsupported modifier (" + sign + ") in substitution");
    }

    private String demand(String name, String word, Optional<String> value, boolean present) {
        if (present) {
            return value.orElseThrow();
        }
        String complaint = value.isEmpty() ? "is not allowed to be unset" : "is not allowed to be empty";
        throw new DockerfileException(Code.EXPANSION, name + ": " + (word.isEmpty() ? complaint : word));
    }

    private static String trimmed(String value, String word, char operator) {
        boolean longest = !word.isEmpty() && word.charAt(0) == operator;
        Glob glob = Glob.parse(longest ? word.substring(1) : word);
        return operator == '#' ? glob.withoutPrefix(value, longest) : glob.withoutSuffix(value, longest);
    }

    private String replaced(String name) {
        boolean all = at < source.length() && source.charAt(at) == '/';
        if (all) {
            at++;
        }
        String pattern = word('/', true);
        String replacement = word('}', true);
        Optional<String> value = lookUp(name);
        if (mode.keepUnset && value.isEmpty()) {
            return "${" + name + "/" + pattern + "/" + replacement + "}";
        }
        return grow(Glob.parse(pattern).replace(value.orElse(""), replacement, all, MOST_ADDED));
    }

    /** Letters, digits and underscores; a number; or one of the shell's special parameters. Empty if none of these. */
    private String name() {
        int from = at;
        if (at < source.length() && Character.isDigit(source.charAt(at))) {
            while (at < source.length() && Character.isDigit(source.charAt(at))) {
                at++;
            }
        } else if (at < source.length() && "@*#?-$!".indexOf(source.charAt(at)) >= 0) {
            at++;
        } else {
            while (at < source.length() && isNamePart(source.codePointAt(at))) {
                at += Character.charCount(source.codePointAt(at));
            }
        }
        return source.substring(from, at);
    }

    static boolean isNamePart(int c) {
        return c == '_' || Character.isLetter(c) || Character.isDigit(c);
    }

    private Optional<String> lookUp(String name) {
        Optional<String> value = scope.get(name);
        (value.isPresent() ? used : unset).add(name);
        value.ifPresent(this::grow);
        return value;
    }

    private String grow(String value) {
        added += value.length();
        if (added > MOST_ADDED) {
            throw new DockerfileException(Code.TOO_LARGE,
                    "variables expand to more than " + MOST_ADDED + " characters");
        }
        return value;
    }

    private static DockerfileException syntax(String message) {
        return new DockerfileException(Code.EXPANSION, message);
    }

    private String line(int index) {
        int from = source.lastIndexOf('\n', index - 1) + 1;
        int to = source.indexOf('\n', index);
        return source.substring(from, to < 0 ? source.length() : to);
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
