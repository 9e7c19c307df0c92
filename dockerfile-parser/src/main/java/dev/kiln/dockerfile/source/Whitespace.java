package dev.kiln.dockerfile.source;

/** What counts as white space where the language says so; line ends are among it. */
public final class Whitespace {

    private Whitespace() {}

    /** Unicode's White_Space property, the no-break spaces included. */
    public static boolean is(char c) {
        return switch (c) {
            case ' ', '\t', '\n', 0x0B, '\f', '\r', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> c >= 0x2000 && c <= 0x200A;
        };
    }

    /** The first index in {@code [from, to)} that holds no white space, or {@code to}. */
    public static int skip(CharSequence text, int from, int to) {
        int at = from;
        while (at < to && is(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** The index after the last character in {@code [from, to)} that is no white space, or {@code from}. */
    public static int trimEnd(CharSequence text, int from, int to) {
        int at = to;
        while (at > from && is(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    public static String trim(String text) {
        int from = skip(text, 0, text.length());
        return text.substring(from, trimEnd(text, from, text.length()));
    }
}
