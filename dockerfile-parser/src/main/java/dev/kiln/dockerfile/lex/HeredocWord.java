package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.source.DockerfileException;

/**
 * A word of the form {@code <<NAME}, which announces a here-document. The name is a shell word, and backslash is its
 * escape character whatever the file says.
 */
public record HeredocWord(String name, boolean expand, boolean chomp) {

    private static final Pattern FORM = Pattern.compile("\\d*+<<(-?+)\\s*+([^<]+)");

    /** Empty if the word announces nothing, also because its quotes do not close. */
    public static Optional<HeredocWord> parse(String word) {
        if (!word.contains("<<")) {
            return Optional.empty();
        }
        Matcher form = FORM.matcher(word);
        if (!form.matches()) {
            return Optional.empty();
        }
        return oneWord(form.group(2), false)
            .flatMap(name -> oneWord(form.group(2), true).map(raw -> new HeredocWord(name,
                    quotes(name) == quotes(raw), !form.group(1).isEmpty())));
    }

    /** The one shell word that the text is, or empty if it is none or several. */
    private static Optional<String> oneWord(String text, boolean keepQuotes) {
        try {
            List<String> words = Expander.shellWordsUnescaped(text, keepQuotes);
            return words.size() == 1 ? Optional.of(words.getFirst()) : Optional.empty();
        } catch (DockerfileException unbalanced) {
            return Optional.empty();
        }
    }

    /** The here-documents that a logical line announces, in order; none if its quotes do not close. */
    static List<HeredocWord> findAll(String line) {
        List<String> words;
        try {
            words = Expander.shellWords(line);
        } catch (DockerfileException unbalanced) {
            return List.of();
        }
        return words.stream().flatMap(word -> parse(word).stream()).toList();
    }

    private static long quotes(String text) {
        return text.chars().filter(c -> c == '\'' || c == '"').count();
    }
}
