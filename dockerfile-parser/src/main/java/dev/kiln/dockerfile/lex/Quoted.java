package dev.kiln.dockerfile.lex;

import java.util.List;
import java.util.stream.Collectors;

/** Strings in double quotes as Go's {@code %q} writes them: the form of syntax trees and of image history. */
public final class Quoted {

    private Quoted() {}

    public static String word(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        text.codePoints().forEach(c -> append(out, c));
        return out.append('"').toString();
    }

    /** {@code ["a" "b"]}. */
    public static String list(List<String> texts) {
        return texts.stream().map(Quoted::word).collect(Collectors.joining(" ", "[", "]"));
    }

    private static void append(StringBuilder out, int c) {
        switch (c) {
            case '"', '\\' -> out.append('\\').append((char) c);
            case 0x07 -> out.append("\\a");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case 0x0B -> out.append("\\v");
            default -> appendOther(out, c);
        }
    }

    private static void appendOther(StringBuilder out, int c) {
        if (printable(c)) {
            out.appendCodePoint(c);
        } else if (c < ' ' || c == 0x7F) {
            out.append("\\x%02x".formatted(c));
        } else {
            out.append((c > 0xFFFF ? "\\U%08x" : "\\u%04x").formatted(c));
        }
    }

    private static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }
}
