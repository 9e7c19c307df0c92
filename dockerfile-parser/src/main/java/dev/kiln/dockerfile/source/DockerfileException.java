package dev.kiln.dockerfile.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

/**
 * A Dockerfile that cannot be built, with the places that say why.
 *
 * <p>
 * The error may be thrown without a place by code that does not know it (an expansion, say) and gains ranges on the way
 * up through {@link #at}; the innermost range comes first. The message is one sentence without file name or line, so
 * that every caller can print the place in its own way; {@link #describe} is the plain form.
 */
public final class DockerfileException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int LONGEST_MESSAGE = 1_000;
    private static final int LONGEST_TEXT = 500;
    private static final int NOWHERE = -1;

    /** What kind of mistake it is. */
    public enum Code {
        /** There is nothing to build. */
        EMPTY,
        /** A limit on size, length, count or nesting is exceeded. */
        TOO_LARGE,
        /** Bytes that are no text. */
        ENCODING,
        /** The text does not have the form that its instruction or directive asks for. */
        SYNTAX,
        /** No instruction has this name. */
        UNKNOWN_INSTRUCTION,
        /** A flag is unknown, repeated, or has a value it cannot have. */
        FLAG,
        /** A variable expression is malformed, or demands a variable that is not set. */
        EXPANSION,
        /** A stage is referred to that is not there, comes later, or depends on itself. */
        STAGE,
        /** Correct, but this version cannot build it yet. */
        UNSUPPORTED
    }

    private final Code code;
    private final List<SourceRange> ranges;
    private final String offendingText;
    private final int offset;

    /** An error whose place the caller is going to add. */
    public DockerfileException(Code code, String message) {
        this(code, message, NOWHERE);
    }

    /**
     * An error in a text whose own place the caller is going to add.
     *
     * @param offset the index in that text at which the mistake begins
     */
    public DockerfileException(Code code, String message, int offset) {
        this(code, message, offset, List.of(), "", null);
    }

    public DockerfileException(Code code, String message, SourceRange range, String offendingText) {
        this(code, message, NOWHERE, List.of(range), offendingText, null);
    }

    private DockerfileException(Code code, String message, int offset, List<SourceRange> ranges, String offendingText,
            @Nullable DockerfileException cause) {
        super(clip(message, LONGEST_MESSAGE), cause);
        this.code = Objects.requireNonNull(code, "code");
        this.offset = offset;
        this.ranges = List.copyOf(ranges);
        this.offendingText = clip(offendingText, LONGEST_TEXT);
    }

    /**
     * The same error with one more place, outside the ones it has.
     *
     * @param text the offending text, kept only if the error has none yet
     */
    public DockerfileException at(SourceRange range, String text) {
        List<SourceRange> more = new ArrayList<>(ranges);
        if (!more.contains(range)) {
            more.add(range);
        }
        return new DockerfileException(code, message(), offset, more, offendingText.isEmpty() ? text : offendingText,
                this);
    }

    public Code code() {
        return code;
    }

    /** The sentence; never null, at most 1,000 characters. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** Innermost first; empty if no place is known. */
    public List<SourceRange> ranges() {
        return ranges;
    }

    /** The piece of the file that is wrong, at most 500 characters; empty if no place is known. */
    public String offendingText() {
        return offendingText;
    }

    /** Where in the text that was read the mistake begins, if the code that read it knows. */
    public OptionalInt offset() {
        return offset == NOWHERE ? OptionalInt.empty() : OptionalInt.of(offset);
    }

    /** Always false: the same text fails in the same way. */
    public boolean retryable() {
        return false;
    }

    /** {@code file:line:column: message: offending text}, as far as known. */
    public String describe(String file) {
        StringBuilder out = new StringBuilder(file);
        if (!ranges.isEmpty()) {
            out.append(':').append(ranges.getFirst());
        }
        out.append(": ").append(message());
        if (!offendingText.isBlank()) {
            out.append("\n    ").append(offendingText.replace("\n", "\n    "));
        }
        return out.toString();
    }

    private static String clip(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int cut = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return text.substring(0, cut) + "…";
    }
}
