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

    private static final Pattern FORM = Pattern.compile("\\d*<<(-?)\\s*([^<]+)");

    /** Empty if the word announces nothing. */
    public static Optional<HeredocWord> parse(String word) {
        if (!word.contains("<<")) {
            return Optional.empty();
        }
        Matcher form = FORM.matcher(word);
        if (!form.matches()) {
            return Optional.empty();
        }
        List<String> names = Expander.shellWordsUnescaped(form.group(2), false);
        List<String> quoted = Expander.shellWordsUnescaped(form.group(2), true);
        if (names.size() != 1 || quoted.size() != 1) {
            return Optional.empty();
        }
        boolean expand = quotes(names.getFirst()) == quotes(quoted.getFirst());
        return Optional.of(new HeredocWord(names.getFirst(), expand, !form.group(1).isEmpty()));
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
