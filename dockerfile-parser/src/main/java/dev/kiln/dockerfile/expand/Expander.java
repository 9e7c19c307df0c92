package dev.kiln.dockerfile.expand;

import java.util.List;

import dev.kiln.dockerfile.source.DockerfileException;

/**
 * Expands raw words in a scope.
 *
 * <p>
 * Understood are {@code $name}, {@code ${name}}, and inside the braces {@code :-}, {@code -}, {@code :+}, {@code +},
 * {@code :?}, {@code ?}, {@code #}, {@code ##}, {@code %}, {@code %%}, {@code /} and {@code //}, nested at will up to 200
 * levels. Quotes and the escape character are removed as a shell does. An expansion may add at most 1 MiB of text.
 *
 * <p>
 * Every method throws {@link DockerfileException} with code {@code EXPANSION} (or
 * {@code TOO_LARGE}) and without a range; the caller, who knows the place, adds it.
 */
public final class Expander {

    private static final char BACKSLASH = '\\';

    private final WordScanner.Mode plain;
    private final WordScanner.Mode display;

    /** @param escape the file's escape character, backslash or backtick */
    public Expander(char escape) {
        this.plain = new WordScanner.Mode(escape, true, false, false, false);
        this.display = new WordScanner.Mode(escape, true, true, false, true);
    }

    /** The word with variables replaced, quotes and escapes removed and blanks kept. */
    public String word(String raw, Scope scope) {
        return expand(raw, scope).text();
    }

    /** The words that the raw text splits into after expansion; quoted blanks do not split. */
    public List<String> words(String raw, Scope scope) {
        return expand(raw, scope).words();
    }

    /** As {@link #word}, telling also which variables were asked for. */
    public Expansion expand(String raw, Scope scope) {
        return new WordScanner(raw, plain, scope).scanAll();
    }

    /**
     * For showing an instruction to people: variables that are set are replaced, others and all quotes stay. Where even
     * that fails, the text itself.
     */
    public String display(String text, Scope scope) {
        try {
            return new WordScanner(text, display, scope).scanAll().text();
        } catch (DockerfileException malformed) {
            return text;
        }
    }

    /** The body of an unquoted here-document: variables replaced, quotes kept, backslash the escape character. */
    public static String body(String content, Scope scope) {
        return new WordScanner(content, new WordScanner.Mode(BACKSLASH, false, false, false, false), scope).scanAll()
            .text();
    }

    /** Words split as a POSIX shell would, with quotes, escapes and variables left as they stand. */
    public static List<String> shellWords(String text) {
        return new WordScanner(text, new WordScanner.Mode(BACKSLASH, true, true, true, true), Scope.EMPTY).scanAll()
            .words();
    }

    /** As {@link #shellWords}, but escapes are removed, and quotes unless {@code keepQuotes}. */
    public static List<String> shellWordsUnescaped(String text, boolean keepQuotes) {
        return new WordScanner(text, new WordScanner.Mode(BACKSLASH, true, keepQuotes, false, true), Scope.EMPTY)
            .scanAll()
            .words();
    }
}
