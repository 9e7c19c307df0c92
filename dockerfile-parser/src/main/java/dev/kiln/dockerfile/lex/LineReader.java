package dev.kiln.dockerfile.lex;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.SourceRange;

/** Hands out physical lines one after the other. Bytes that are no text are an error only where they are not a comment. */
final class LineReader {

    /** In bytes, the line feed not counted. */
    static final int LONGEST_LINE = 65_535;
    private static final int SHOWN = 60;

    private final byte[] file;
    private int next;
    private int number;
    private String text = "";
    private String ending = "";

    LineReader(byte[] file) {
        this.file = file;
        boolean bom = file.length >= 3 && file[0] == (byte) 0xEF && file[1] == (byte) 0xBB && file[2] == (byte) 0xBF;
        this.next = bom ? 3 : 0;
    }

    /** False at the end of the file. */
    boolean advance() {
        if (next >= file.length) {
            return false;
        }
        int start = next;
        int end = start;
        while (end < file.length && file[end] != '\n') {
            end++;
        }
        next = Math.min(end + 1, file.length);
        number++;
        if (end - start > LONGEST_LINE) {
            String shown = new String(file, start, SHOWN, StandardCharsets.UTF_8);
            throw new DockerfileException(Code.TOO_LARGE,
                    "dockerfile line greater than max allowed size of " + LONGEST_LINE,
                    SourceRange.ofLine(number, 1, SHOWN), shown + "…");
        }
        split(new String(file, start, next - start, StandardCharsets.UTF_8));
        return true;
    }

    private void split(String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        text = line.substring(0, end);
        ending = line.substring(end);
    }

    /** The current line without its end. */
    String text() {
        return text;
    }

    /** The carriage returns and the line feed that closed the current line. */
    String ending() {
        return ending;
    }

    int number() {
        return number;
    }

    /** Refuses the current line if it holds bytes that are not UTF-8, or a NUL. */
    void requireText() {
        int nul = text.indexOf('\0');
        if (nul >= 0) {
            throw encoding("the line has a NUL byte", nul);
        }
        int replaced = text.indexOf('\uFFFD');
        if (replaced >= 0 && !isUtf8()) {
            throw encoding("the line is not valid UTF-8", replaced);
        }
    }

    private DockerfileException encoding(String message, int index) {
        int to = Math.min(text.length(), index + SHOWN);
        return new DockerfileException(Code.ENCODING, message, SourceRange.ofLine(number, index + 1, 1),
                text.substring(Math.max(0, index - SHOWN), to).replace('\0', '\uFFFD'));
    }

    private boolean isUtf8() {
        int start = next - 1;
        while (start > 0 && file[start - 1] != '\n') {
            start--;
        }
        return decode(start) != null;
    }

    private @Nullable CharSequence decode(int start) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file, start, next - start));
        } catch (CharacterCodingException malformed) {
            return null;
        }
    }
}
