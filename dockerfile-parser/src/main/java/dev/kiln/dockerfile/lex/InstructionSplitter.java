package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Whitespace;

/** Splits a logical line into keyword, flags and arguments. */
final class InstructionSplitter {

    private final LogicalLine line;
    private final char escape;
    private final List<String> comments;
    private final List<Word> controls;

    InstructionSplitter(LogicalLine line, char escape, List<String> comments, List<Word> controls) {
        this.line = line;
        this.escape = escape;
        this.comments = comments;
        this.controls = controls;
    }

    /**
     * @param from the index of the keyword's first character
     * @param trigger whether this is already the inside of an ONBUILD, whose text keeps the blanks at its end
     */
    RawInstruction split(int from, int to, boolean trigger) {
        int end = Whitespace.trimEnd(line.text(), from, to);
        int keywordEnd = from;
        while (keywordEnd < end && !ArgumentSplitter.isBlank(line.charAt(keywordEnd))) {
            keywordEnd++;
        }
        Word keyword = line.word(from, keywordEnd);
        FlagSplitter flags = new FlagSplitter(line, keywordEnd, end, escape);
        int arguments = Whitespace.skip(line.text(), flags.split(), end);
        Optional<Keyword> known = Keyword.of(keyword.text());
        if (trigger && known.equals(Optional.of(Keyword.ONBUILD))) {
            throw new DockerfileException(Code.SYNTAX, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
                    keyword.range(), line.substring(0, line.length()));
        }
        return new RawInstruction(keyword, flags.flags(),
                known.map(name -> arguments(name, arguments, end)).orElse(Arguments.UNKNOWN), List.of(),
                trigger ? List.of() : comments, trigger ? List.of() : controls,
                line.substring(from, trigger ? to : end), line.range(from, end));
    }

    private Arguments arguments(Keyword keyword, int from, int to) {
        ArgumentSplitter splitter = new ArgumentSplitter(line, from, to, escape);
        return switch (keyword) {
            case ADD, COPY, VOLUME -> splitter.jsonOrBlankSeparated();
            case ARG -> Arguments.of(splitter.words());
            case CMD, ENTRYPOINT, RUN, SHELL -> splitter.jsonOrWhole();
            case ENV, LABEL -> splitter.pairs(keyword);
            case EXPOSE, FROM -> splitter.blankSeparated();
            case HEALTHCHECK -> splitter.typeThenJsonOrWhole();
            case MAINTAINER, STOPSIGNAL, USER, WORKDIR -> splitter.whole();
            case ONBUILD -> from == to ? Arguments.NONE : Arguments.ofTrigger(split(from, line.length(), true));
        };
    }
}
