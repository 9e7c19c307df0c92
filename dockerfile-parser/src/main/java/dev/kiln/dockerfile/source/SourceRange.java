package dev.kiln.dockerfile.source;

/**
 * A stretch of a Dockerfile, from the first character up to, but not including, the end position. Lines and columns
 * count from 1.
 */
public record SourceRange(int startLine, int startColumn, int endLine, int endColumn) {

    public SourceRange {
        if (startLine < 1 || startColumn < 1) {
            throw new IllegalArgumentException(
                    "a source range starts at 1:1 at the earliest, not " + startLine + ":" + startColumn);
        }
        if (endLine < startLine || (endLine == startLine && endColumn < startColumn) || endColumn < 1) {
            throw new IllegalArgumentException("a source range cannot end at " + endLine + ":" + endColumn
                    + ", before its start " + startLine + ":" + startColumn);
        }
    }

    /** The {@code length} characters from a position on one line. */
    public static SourceRange ofLine(int line, int column, int length) {
        return new SourceRange(line, column, line, column + length);
    }

    /** From the start of this range to the end of {@code last}, which must not end before this range starts. */
    public SourceRange to(SourceRange last) {
        return new SourceRange(startLine, startColumn, last.endLine, last.endColumn);
    }

    /** The start, as {@code line:column}. */
    @Override
    public String toString() {
        return startLine + ":" + startColumn;
    }
}
