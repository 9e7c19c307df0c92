package dev.kiln.dockerfile.lex;

import java.util.regex.Pattern;

import dev.kiln.dockerfile.source.SourceRange;

/**
 * A here-document that follows an instruction.
 *
 * @param name the delimiter, unquoted
 * @param expand whether variables in the body are expanded: no part of the delimiter was quoted
 * @param chomp whether leading tabs are not part of the lines ({@code <<-})
 * @param content the body as it stands, with its line ends and tabs
 * @param range the body and its closing line
 */
public record Heredoc(String name, boolean expand, boolean chomp, String content, SourceRange range) {

    private static final Pattern LEADING_TABS = Pattern.compile("^\\t+", Pattern.MULTILINE | Pattern.UNIX_LINES);

    /** The body without the leading tabs that {@code <<-} takes away. */
    public String body() {
        return chomp ? LEADING_TABS.matcher(content).replaceAll("") : content;
    }

    Heredoc movedTo(SourceRange place) {
        return new Heredoc(name, expand, chomp, content, place);
    }
}
