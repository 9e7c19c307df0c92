package dev.kiln.dockerfile.lex;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Whitespace;

/** Splits the arguments of one instruction, each in the form that belongs to it. The arguments have no blanks around. */
final class ArgumentSplitter {

    private final LogicalLine line;
    private final int from;
    private final int to;
    private final char escape;

    ArgumentSplitter(LogicalLine line, int from, int to, char escape) {
        this.line = line;
        this.from = from;
        this.to = to;
        this.escape = escape;
    }

    /** One word: everything. */
    Arguments whole() {
        return from == to ? Arguments.NONE : Arguments.of(List.of(line.word(from, to)));
    }

    /** A JSON array of strings, or else everything as one word. */
    Arguments jsonOrWhole() {
        return json(from).map(Arguments::ofJson).orElseGet(this::whole);
    }

    /** A JSON array of strings, or else words between blanks. */
    Arguments jsonOrBlankSeparated() {
        return json(from).map(Arguments::ofJson).orElseGet(this::blankSeparated);
    }

    Arguments blankSeparated() {
        List<Word> words = new ArrayList<>();
        for (int at = from; at < to;) {
            int end = skip(at, false);
            words.add(line.word(at, end));
            at = skip(end, true);
        }
        return Arguments.of(words);
    }

    /** A first word, then a JSON array or everything else as one word. */
    Arguments typeThenJsonOrWhole() {
        if (from == to) {
            return Arguments.NONE;
        }
        int end = from;
        while (end < to && !Whitespace.is(line.charAt(end))) {
            end++;
        }
        int rest = Whitespace.skip(line.text(), end, to);
        Optional<List<Word>> json = json(rest);
        List<Word> words = new ArrayList<>(List.of(line.word(from, end)));
        words.addAll(json.orElseGet(() -> rest == to ? List.of() : List.of(line.word(rest, to))));
        return json.isPresent() ? Arguments.ofJson(words) : Arguments.of(words);
    }

    private Optional<List<Word>> json(int start) {
        return new JsonStrings(line, start, to).parse();
    }

    /** {@code key=value …}, or the old {@code key rest-of-line}; groups of key, value and separator. */
    Arguments pairs(Keyword keyword) {
        List<Word> words = words();
        if (words.isEmpty()) {
            return Arguments.NONE;
        }
        if (words.getFirst().text().indexOf('=') < 0) {
            return oldPair(keyword);
        }
        List<Word> groups = new ArrayList<>(3 * words.size());
        for (Word word : words) {
            int equals = word.text().indexOf('=');
            if (equals < 0) {
                throw new DockerfileException(Code.SYNTAX, "Syntax error - can't find = in "
                        + Quoted.word(word.text()) + ". Must be of the form: name=value", word.range(), word.text());
            }
            groups.add(new Word(word.text().substring(0, equals), word.range()));
            groups.add(new Word(word.text().substring(equals + 1), word.range()));
            groups.add(new Word("=", word.range()));
        }
        return Arguments.of(groups);
    }

    private Arguments oldPair(Keyword keyword) {
        int end = skip(from, false);
        if (end == to) {
            throw new DockerfileException(Code.SYNTAX, keyword + " must have two arguments", line.range(from, to),
                    line.substring(from, to));
        }
        int value = skip(end, true);
        return Arguments.of(List.of(line.word(from, end), line.word(value, to), new Word("", line.range(value, to))));
    }

    /** Words between blanks that are neither quoted nor escaped; quotes and escapes stay. */
    List<Word> words() {
        List<Word> words = new ArrayList<>();
        for (int at = Whitespace.skip(line.text(), from, to); at < to; at = Whitespace.skip(line.text(), at, to)) {
            StringBuilder word = new StringBuilder();
            int start = at;
            at = word(start, word);
            if (!word.isEmpty()) {
                words.add(new Word(word.toString(), line.range(start, at)));
            }
        }
        return words;
    }

    private int word(int start, StringBuilder word) {
        char quote = 0;
        int at = start;
        for (; at < to; at++) {
            char c = line.charAt(at);
            if (quote == 0 && Whitespace.is(c)) {
                break;
            }
            if (quote == 0 ? c == '\'' || c == '"' : c == quote) {
                quote = quote == 0 ? c : 0;
            } else if (c == escape && quote != '\'') {
                if (++at == to) {
                    break;
                }
                word.append(c);
                c = line.charAt(at);
            }
            word.append(c);
        }
        return at;
    }

    /** Past blanks, or past everything but blanks; only the ASCII ones separate words here. */
    private int skip(int start, boolean blanks) {
        int at = start;
        while (at < to && isBlank(line.charAt(at)) == blanks) {
            at++;
        }
        return at;
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == 0x0B || c == '\f' || c == '\r';
    }
}
