package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import dev.kiln.dockerfile.source.SourceRange;

/**
 * One instruction as written.
 *
 * @param keyword the first word, in its own case; may be the name of no instruction
 * @param flags the leading words that start with {@code --}, quotes removed
 * @param heredocs the here-documents that followed, in order
 * @param comments the comment lines right above, without {@code #} and blanks around
 * @param controls the comments above that are for the builder, from {@code kiln:} on; they are not among the others
 * @param text the logical line
 * @param range the instruction with its here-documents
 */
public record RawInstruction(Word keyword, List<Word> flags, Arguments arguments, List<Heredoc> heredocs,
        List<String> comments, List<Word> controls, String text, SourceRange range) {

    public RawInstruction {
        flags = List.copyOf(flags);
        heredocs = List.copyOf(heredocs);
        comments = List.copyOf(comments);
        controls = List.copyOf(controls);
    }

    /** The same instruction with every range replaced: for text that stands in no file. */
    public RawInstruction movedTo(SourceRange place) {
        return new RawInstruction(keyword.movedTo(place), Word.movedTo(flags, place), arguments.movedTo(place),
                heredocs.stream().map(heredoc -> heredoc.movedTo(place)).toList(), comments,
                Word.movedTo(controls, place), text, place);
    }

    /** The syntax tree in the form {@code cmd ["--flag"] "arg" …}, the command in lower case. */
    public String dump() {
        StringBuilder out = new StringBuilder(keyword.text().toLowerCase(Locale.ROOT));
        if (!flags.isEmpty()) {
            out.append(' ').append(Quoted.list(flags.stream().map(Word::text).toList()));
        }
        arguments.trigger().ifPresent(inner -> out.append(" (").append(inner.dump()).append(')'));
        out.append(
                arguments.words().stream().map(word -> " " + Quoted.word(word.text())).collect(Collectors.joining()));
        return out.toString();
    }
}
