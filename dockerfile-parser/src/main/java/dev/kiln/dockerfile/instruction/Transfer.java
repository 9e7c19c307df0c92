package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /** A here-document as a file. {@link Heredoc#expanded} is its content with the variables replaced. */
    public record InlineFile(Heredoc heredoc) {

        public String name() {
            return heredoc.name();
        }

        /** With the leading tabs of {@code <<-} gone; takes variables if {@link #expand}. */
        public String content() {
            return heredoc.body();
        }

        public boolean expand() {
            return heredoc.expand();
        }
    }

    public Transfer {
        sources = List.copyOf(sources);
        inlineFiles = List.copyOf(inlineFiles);
    }

    static Transfer parse(RawInstruction raw, String name) {
        List<Word> words = raw.arguments().words();
        Word destination = words.getLast();
        if (HeredocWord.parse(destination.text()).isPresent()) {
            throw Faults.syntax(destination, name + " cannot accept a heredoc as a destination");
        }
        Map<String, Heredoc> bodies = new HashMap<>();
        raw.heredocs().forEach(heredoc -> bodies.put(heredoc.name(), heredoc));
        List<String> sources = new ArrayList<>();
        List<InlineFile> inlineFiles = new ArrayList<>();
        for (Word word : words.subList(0, words.size() - 1)) {
            HeredocWord.parse(word.text())
                .ifPresentOrElse(announced -> inlineFiles.add(new InlineFile(body(announced, bodies, word))),
                        () -> sources.add(word.text()));
        }
        return new Transfer(sources, inlineFiles, destination.text());
    }

    /** Of several bodies with one name the last counts; a word that announces none, as in the JSON form, has no content. */
    private static Heredoc body(HeredocWord announced, Map<String, Heredoc> bodies, Word word) {
        Heredoc body = bodies.get(announced.name());
        return body == null
                ? new Heredoc(announced.name(), announced.expand(), announced.chomp(), "", word.range(), false)
                : new Heredoc(body.name(), announced.expand(), announced.chomp(), body.content(), body.range(),
                        body.inFile());
    }

    static void requireDestination(RawInstruction raw, String name) {
        if (raw.arguments().words().size() < 2) {
            throw Faults.syntax(raw, name + " requires at least two arguments, but only one was provided."
                    + " Destination could not be determined");
        }
    }
}
