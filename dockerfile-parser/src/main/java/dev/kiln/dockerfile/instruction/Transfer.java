package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.HeredocWord;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/**
 * What COPY and ADD move, and where to.
 *
 * @param sources paths, wildcards or (ADD) addresses, in order; take variables
 * @param inlineFiles the here-documents among the sources, in order
 * @param destination takes variables
 */
public record Transfer(List<String> sources, List<InlineFile> inlineFiles, String destination) {

    /**
     * A here-document as a file.
     *
     * @param content with the leading tabs of {@code <<-} gone; takes variables if {@code expand}
     */
    public record InlineFile(String name, String content, boolean expand) {}

    public Transfer {
        sources = List.copyOf(sources);
        inlineFiles = List.copyOf(inlineFiles);
    }

    static Transfer parse(RawInstruction raw, String name) {
        List<Word> words = raw.arguments().words();
        Word destination = words.getLast();
        if (heredoc(raw, destination).isPresent()) {
            throw Faults.syntax(destination, name + " cannot accept a heredoc as a destination");
        }
        List<String> sources = new ArrayList<>();
        List<InlineFile> inlineFiles = new ArrayList<>();
        for (Word word : words.subList(0, words.size() - 1)) {
            heredoc(raw, word).ifPresentOrElse(
                    found -> inlineFiles.add(new InlineFile(found.name(), found.body(), found.expand())),
                    () -> sources.add(word.text()));
        }
        return new Transfer(sources, inlineFiles, destination.text());
    }

    /** The here-document that a word announces. In the JSON form no word does. */
    private static Optional<Heredoc> heredoc(RawInstruction raw, Word word) {
        return raw.arguments().json()
                ? Optional.empty()
                : HeredocWord.parse(word.text())
                    .flatMap(announced -> raw.heredocs()
                        .stream()
                        .filter(heredoc -> heredoc.name().equals(announced.name()))
                        .findFirst());
    }

    static void requireDestination(RawInstruction raw, String name) {
        if (raw.arguments().words().size() < 2) {
            throw Faults.syntax(raw, name + " requires at least two arguments, but only one was provided."
                    + " Destination could not be determined");
        }
    }
}
