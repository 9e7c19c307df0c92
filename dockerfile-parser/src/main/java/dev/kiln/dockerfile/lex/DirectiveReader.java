package dev.kiln.dockerfile.lex;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.source.Whitespace;

/** Reads directives from the top of a file until the first line that is none. */
final class DirectiveReader {

    private enum Name {
        SYNTAX, ESCAPE, CHECK
    }

    private static final Pattern FORM = Pattern.compile("([a-zA-Z][a-zA-Z0-9]*)[ \\t\\n\\f\\r]*=[ \\t\\n\\f\\r]*(.+)");

    private final String comment;
    private final Map<Name, Directive> found = new EnumMap<>(Name.class);
    private boolean done;
    private boolean escapeCounts = true;

    /** @param comment what a directive's line starts with */
    DirectiveReader(String comment) {
        this.comment = comment;
    }

    boolean done() {
        return done;
    }

    /** Below a {@code #!} line an escape directive has no effect, though the others do. */
    void ignoreEscape() {
        escapeCounts = false;
    }

    /** Whether the line, whose leading blanks are gone, is a directive. */
    boolean read(String line, int number, int column) {
        if (done) {
            return false;
        }
        Matcher form = FORM.matcher(line.startsWith(comment) ? Whitespace.trim(line.substring(comment.length())) : "");
        Optional<Name> name = form.matches() ? name(form.group(1)) : Optional.empty();
        done = name.isEmpty();
        name.ifPresent(known -> add(known, new Directive(form.group(2),
                SourceRange.ofLine(number, column, line.length())), line));
        return !done;
    }

    private void add(Name name, Directive directive, String line) {
        if (found.put(name, directive) != null) {
            throw new DockerfileException(Code.SYNTAX,
                    "only one " + name.name().toLowerCase(Locale.ROOT) + " parser directive can be used",
                    directive.range(), line);
        }
        if (name == Name.ESCAPE && !directive.value().equals("\\") && !directive.value().equals("`")) {
            throw new DockerfileException(Code.SYNTAX,
                    "invalid escape token '" + directive.value() + "' does not match ` or \\", directive.range(), line);
        }
    }

    private static Optional<Name> name(String text) {
        for (Name name : Name.values()) {
            if (name.name().equalsIgnoreCase(text)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }

    Directives directives() {
        return new Directives(Optional.ofNullable(found.get(Name.SYNTAX)),
                Optional.ofNullable(found.get(Name.ESCAPE)).filter(escape -> escapeCounts),
                Optional.ofNullable(found.get(Name.CHECK)));
    }
}
