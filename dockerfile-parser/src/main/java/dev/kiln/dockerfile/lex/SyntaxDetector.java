package dev.kiln.dockerfile.lex;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.source.Whitespace;

/**
 * Finds the syntax that a file asks for, also if the file is no Dockerfile: {@code # syntax=…}, {@code // syntax=…}, or a
 * JSON object with a member {@code "syntax"}. The first two may stand below a {@code #!} line.
 */
public final class SyntaxDetector {

    /** In bytes; a file of another language that asks for a syntax further down is not read as such. */
    private static final int LONGEST_HEAD = 64 << 10;

    private SyntaxDetector() {}

    /** Never throws: a head that cannot be read asks for nothing. */
    public static Optional<Directive> detect(byte[] file) {
        String head = head(file);
        for (String comment : List.of("#", "//")) {
            Optional<Directive> found = inComments(head, comment);
            if (found.isPresent()) {
                return found;
            }
        }
        return inJson(head);
    }

    private static String head(byte[] file) {
        String head = new String(file, 0, Math.min(file.length, LONGEST_HEAD), StandardCharsets.UTF_8);
        return head.startsWith("\uFEFF") ? head.substring(1) : head;
    }

    private static Optional<Directive> inComments(String head, String comment) {
        DirectiveReader reader = new DirectiveReader(comment);
        reader.ignoreEscape();
        int number = 0;
        try {
            for (String line : (Iterable<String>) head.lines()::iterator) {
                number++;
                int start = Whitespace.skip(line, 0, line.length());
                boolean shebang = number == 1 && line.startsWith("#!");
                if (!shebang && !reader.read(line.substring(start), number, start + 1)) {
                    break;
                }
            }
        } catch (DockerfileException malformed) {
            // What came before the mistake counts; the lexer reports the mistake.
            return reader.directives().syntax();
        }
        return reader.directives().syntax();
    }

    private static Optional<Directive> inJson(String head) {
        JsonScanner json = new JsonScanner(head, 0, head.length());
        if (json.skipBlanks() != '{') {
            return Optional.empty();
        }
        Optional<String> found = Optional.empty();
        int next;
        do {
            json.advance();
            StringBuilder key = new StringBuilder();
            StringBuilder value = new StringBuilder();
            if (json.skipBlanks() != '"' || !json.string(key) || json.skipBlanks() != ':') {
                return Optional.empty();
            }
            json.advance();
            boolean text = json.skipBlanks() == '"';
            if (!(text ? json.string(value) : json.value())) {
                return Optional.empty();
            }
            if (key.toString().equals("syntax")) {
                found = text ? Optional.of(value.toString()) : Optional.empty();
            }
            next = json.skipBlanks();
        } while (next == ',');
        json.advance();
        boolean whole = next == '}' && json.skipBlanks() == -1;
        return found.filter(value -> whole).map(value -> new Directive(value, SourceRange.ofLine(1, 1, 0)));
    }
}
