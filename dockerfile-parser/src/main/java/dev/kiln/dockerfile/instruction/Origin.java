package dev.kiln.dockerfile.instruction;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * Where an instruction comes from.
 *
 * @param keyword as written, in any case
 * @param text the logical line, without here-documents
 * @param range the instruction with its here-documents
 * @param comments the comment lines right above, without {@code #}
 * @param controls what comments above it ask of the builder, each kind at most once
 */
public record Origin(String keyword, String text, SourceRange range, List<String> comments, List<Control> controls) {

    public Origin {
        if (!text.startsWith(keyword)) {
            throw new IllegalArgumentException("the text of an instruction starts with its keyword " + keyword);
        }
        comments = List.copyOf(comments);
        controls = List.copyOf(controls);
    }

    static Origin of(RawInstruction raw) {
        return new Origin(raw.keyword().text(), raw.text(), raw.range(), raw.comments(), Controls.of(raw));
    }

    /** What a comment right above says about a name: the rest of a line that starts with it. */
    Optional<String> description(String name) {
        return comments.stream()
            .filter(line -> line.startsWith(name + " "))
            .map(line -> line.substring(name.length() + 1))
            .findFirst();
    }
}
