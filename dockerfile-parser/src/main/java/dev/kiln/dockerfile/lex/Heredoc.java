package dev.kiln.dockerfile.lex;

import java.util.regex.Pattern;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;

/**
 * A here-document that follows an instruction.
 *
 * @param name the delimiter, unquoted
 * @param expand whether variables in the body are expanded: no part of the delimiter was quoted
 * @param chomp whether leading tabs are not part of the lines ({@code <<-})
 * @param content the body as it stands, with its line ends and tabs
 * @param range the body and its closing line
 * @param inFile whether it stands in the file; the body of a trigger does not, and has the range of what brought it in
 */
public record Heredoc(String name, boolean expand, boolean chomp, String content, SourceRange range, boolean inFile) {

    private static final Pattern LEADING_TABS = Pattern.compile("^\\t+", Pattern.MULTILINE | Pattern.UNIX_LINES);

    /** The body without the leading tabs that {@code <<-} takes away. */
    public String body() {
        return chomp ? LEADING_TABS.matcher(content).replaceAll("") : content;
    }

    /**
     * The body with its variables replaced, if they are to be.
     *
     * @throws DockerfileException at the line of the body that cannot be expanded
     */
    public String expanded(Scope scope) {
        String body = body();
        if (!expand) {
            return body;
        }
        try {
            return Expander.body(body, scope);
        } catch (DockerfileException failed) {
            throw located(failed, body);
        }
    }

    private DockerfileException located(DockerfileException failed, String body) {
        int offset = failed.offset().orElse(0);
        int lineStart = body.lastIndexOf('\n', offset - 1) + 1;
        int number = (int) body.substring(0, lineStart).chars().filter(c -> c == '\n').count();
        String line = line(number);
        int tabs = chomp ? line.length() - withoutLeadingTabs(line).length() : 0;
        SourceRange place = inFile
                ? SourceRange.ofLine(range.startLine() + number, 1 + tabs + offset - lineStart, 1)
                : range;
        return new DockerfileException(failed.code(), failed.message(), place, line);
    }

    /** A line of the content by its number from 0, without its end. */
    private String line(int number) {
        int from = 0;
        for (int i = 0; i < number; i++) {
            from = content.indexOf('\n', from) + 1;
        }
        int to = content.indexOf('\n', from);
        return content.substring(from, to < 0 ? content.length() : to);
    }

    static String withoutLeadingTabs(String text) {
        int at = 0;
        while (at < text.length() && text.charAt(at) == '\t') {
            at++;
        }
        return text.substring(at);
    }

    Heredoc movedTo(SourceRange place) {
        return new Heredoc(name, expand, chomp, content, place, false);
    }
}
