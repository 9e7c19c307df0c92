package dev.kiln.dockerfile.lex;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;
import dev.kiln.dockerfile.source.Whitespace;

/**
 * Reads a Dockerfile into raw instructions.
 *
 * <p>
 * A line that ends in the escape character, with nothing but blanks after it and no escape character before it, goes on
 * in the next line. Within such a sequence comment lines vanish and empty lines are passed over (and remembered: they are
 * a mistake more often than not). Leading blanks vanish only at the start of an instruction. After an instruction that
 * announces here-documents, their bodies follow line by line, each up to its delimiter.
 *
 * <p>
 * A comment line that starts with {@code kiln:} and a letter is for the builder and about the next instruction. It is
 * never lost: where it can be about none, it is an error.
 *
 * <p>
 * Time and memory are linear in the file, whose size and number of instructions are bounded.
 */
public final class Lexer {

    /** In bytes. */
    public static final int LARGEST_FILE = 16 << 20;
    public static final int MOST_INSTRUCTIONS = 250_000;

    private static final String CONTROL = "kiln:";

    private final LineReader lines;
    private final DirectiveReader directives = new DirectiveReader("#");
    private final List<RawInstruction> instructions = new ArrayList<>();
    private final List<SourceRange> emptyContinuations = new ArrayList<>();
    private List<String> comments = new ArrayList<>();
    private List<Word> controls = new ArrayList<>();
    private char escape = '\\';

    private Lexer(byte[] file) {
        this.lines = new LineReader(file);
    }

    public static LexedFile lex(String text) {
        return lex(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads bytes in UTF-8, with or without a byte order mark.
     *
     * @throws DockerfileException if the file is empty, too large, not text where text counts, or if an instruction's
     *         arguments are not in a form it takes; with a range, except for an empty file
     */
    public static LexedFile lex(byte[] file) {
        if (file.length == 0) {
            throw new DockerfileException(Code.EMPTY, "the Dockerfile cannot be empty");
        }
        if (file.length > LARGEST_FILE) {
            throw new DockerfileException(Code.TOO_LARGE,
                    "the Dockerfile has more than the " + LARGEST_FILE + " bytes that are allowed",
                    SourceRange.ofLine(1, 1, 0), "");
        }
        return new Lexer(file).read();
    }

    private LexedFile read() {
        while (lines.advance()) {
            String text = lines.text();
            int start = Whitespace.skip(text, 0, text.length());
            if (lines.number() == 1 && text.startsWith("#!")) {
                directives.ignoreEscape();
            } else if (!directives.done() && directives.read(text.substring(start), lines.number(), start + 1)) {
                escape = directives.directives().escapeCharacter();
            } else if (isComment(text)) {
                // Not start + 1: of an indented comment the mark itself is part of what it says, as BuildKit has it.
                comment(text.substring(1), text);
            } else if (start < text.length()) {
                instruction(start);
            }
        }
        if (instructions.isEmpty()) {
            throw new DockerfileException(Code.EMPTY, "file with no instructions",
                    SourceRange.ofLine(Math.max(1, lines.number()), 1, 0), "");
        }
        if (!controls.isEmpty()) {
            throw misplaced(controls.getFirst(), "stands above no instruction");
        }
        return new LexedFile(directives.directives(), instructions, emptyContinuations);
    }

    private static boolean isComment(String line) {
        int start = Whitespace.skip(line, 0, line.length());
        return start < line.length() && line.charAt(start) == '#';
    }

    /** An empty comment line separates what stands above from what it would describe. */
    private void comment(String text, String line) {
        String comment = Whitespace.trim(text);
        Optional<Word> control = control(line);
        if (control.isPresent()) {
            controls.add(control.get());
        } else if (comment.isEmpty()) {
            comments.clear();
        } else {
            comments.add(comment);
        }
    }

    private Optional<Word> control(String line) {
        int mark = Whitespace.skip(line, 0, line.length());
        int start = Whitespace.skip(line, mark + 1, line.length());
        int name = start + CONTROL.length();
        if (!line.startsWith(CONTROL, start) || name == line.length() || !Character.isLetter(line.charAt(name))) {
            return Optional.empty();
        }
        String text = Whitespace.trim(line.substring(start));
        return Optional.of(new Word(text, SourceRange.ofLine(lines.number(), start + 1, text.length())));
    }

    private static DockerfileException misplaced(Word control, String where) {
        return new DockerfileException(Code.SYNTAX, "the comment " + control.text() + " " + where
                + "; put it on a line of its own right above a FROM, RUN, COPY or ADD", control.range(),
                control.text());
    }

    private void instruction(int start) {
        lines.requireText();
        LogicalLine line = new LogicalLine();
        int firstLine = lines.number();
        boolean emptyLine = false;
        boolean more = append(line, start);
        while (more && lines.advance()) {
            String text = lines.text();
            if (isComment(text)) {
                Optional<Word> control = control(text);
                if (control.isPresent()) {
                    throw misplaced(control.get(), "stands within an instruction");
                }
                continue;
            }
            lines.requireText();
            if (Whitespace.skip(text, 0, text.length()) == text.length()) {
                emptyLine = true;
            } else {
                more = append(line, 0);
            }
        }
        add(line, Whitespace.skip(line.text(), 0, line.length()), firstLine, emptyLine);
    }

    /** Adds the current physical line; true if it says that the instruction goes on. */
    private boolean append(LogicalLine line, int start) {
        String text = lines.text();
        int end = text.length();
        while (end > start && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
            end--;
        }
        boolean continues = end > start && text.charAt(end - 1) == escape
                && (end - 1 == start || text.charAt(end - 2) != escape);
        line.append(text.subSequence(start, continues ? end - 1 : text.length()), lines.number(), start + 1);
        return continues;
    }

    private void add(LogicalLine line, int from, int firstLine, boolean emptyLine) {
        if (instructions.size() == MOST_INSTRUCTIONS) {
            throw new DockerfileException(Code.TOO_LARGE,
                    "the Dockerfile has more than " + MOST_INSTRUCTIONS + " instructions",
                    line.range(from, from), "");
        }
        RawInstruction bare = withAllLines(
                new InstructionSplitter(line, escape, comments, controls).split(from, line.length(), false), firstLine);
        comments = new ArrayList<>();
        controls = new ArrayList<>();
        if (emptyLine) {
            emptyContinuations.add(bare.range());
        }
        instructions.add(withHeredocs(bare));
    }

    /** Its range takes in the lines before and after its words that nothing but the continuation makes part of it. */
    private RawInstruction withAllLines(RawInstruction raw, int firstLine) {
        SourceRange range = raw.range();
        if (range.startLine() == firstLine && range.endLine() == lines.number()) {
            return raw;
        }
        SourceRange start = range.startLine() == firstLine ? range : SourceRange.ofLine(firstLine, 1, 0);
        SourceRange end = range.endLine() == lines.number()
                ? range
                : SourceRange.ofLine(lines.number(), 1, lines.text().length());
        return new RawInstruction(raw.keyword(), raw.flags(), raw.arguments(), raw.heredocs(), raw.comments(),
                raw.controls(), raw.text(), start.to(end));
    }

    private RawInstruction withHeredocs(RawInstruction bare) {
        if (!takesHeredocs(bare) || !bare.text().contains("<<")) {
            return bare;
        }
        List<Heredoc> heredocs = new ArrayList<>();
        for (HeredocWord word : HeredocWord.findAll(bare.text())) {
            heredocs.add(heredoc(word, bare));
        }
        if (heredocs.isEmpty()) {
            return bare;
        }
        return new RawInstruction(bare.keyword(), bare.flags(), bare.arguments(), heredocs, bare.comments(),
                bare.controls(), bare.text(), bare.range().to(heredocs.getLast().range()));
    }

    private static boolean takesHeredocs(RawInstruction raw) {
        RawInstruction inner = raw.arguments().trigger().orElse(raw);
        return Keyword.of(inner.keyword().text()).filter(Keyword::takesHeredocs).isPresent()
                && !inner.arguments().json();
    }

    private Heredoc heredoc(HeredocWord word, RawInstruction owner) {
        int firstLine = lines.number() + 1;
        StringBuilder content = new StringBuilder();
        while (lines.advance()) {
            lines.requireText();
            String text = lines.text();
            if ((word.chomp() ? Heredoc.withoutLeadingTabs(text) : text).equals(word.name())) {
                SourceRange range = new SourceRange(firstLine, 1, lines.number(), text.length() + 1);
                return new Heredoc(word.name(), word.expand(), word.chomp(), content.toString(), range, true);
            }
            content.append(text).append(lines.ending());
        }
        throw new DockerfileException(Code.SYNTAX, "unterminated heredoc", owner.range(), owner.text());
    }
}
