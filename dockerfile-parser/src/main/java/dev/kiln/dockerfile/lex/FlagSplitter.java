package dev.kiln.dockerfile.lex;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.source.Whitespace;

/** Takes the leading {@code --words} off an instruction's arguments; {@code --} alone ends them. */
final class FlagSplitter {

    private final LogicalLine line;
    private final int end;
    private final char escape;
    private final List<Word> flags = new ArrayList<>();
    private int at;

    FlagSplitter(LogicalLine line, int from, int end, char escape) {
        this.line = line;
        this.at = from;
        this.end = end;
        this.escape = escape;
    }

    /** The index at which the arguments proper start. */
    int split() {
        while (true) {
            at = Whitespace.skip(line.text(), at, end);
            if (at + 1 >= end || line.charAt(at) != '-' || line.charAt(at + 1) != '-') {
                return at;
            }
            int start = at;
            String flag = word();
            if (flag.equals("--")) {
                return at;
            }
            flags.add(new Word(flag, line.range(start, at)));
        }
    }

    List<Word> flags() {
        return flags;
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (; at < end; at++) {
            char c = line.charAt(at);
            if (quote == 0 && Whitespace.is(c)) {
                break;
            }
            if (quote == 0 ? c == '\'' || c == '"' : c == quote) {
                quote = quote == 0 ? c : 0;
            } else if (c != escape) {
                word.append(c);
            } else if (++at < end) {
                word.append(line.charAt(at));
            } else {
                break;
            }
        }
        return word.toString();
    }
}
