package dev.kiln.dockerfile.remote;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Percent-encoding, as URLs have it. */
final class Percent {

    /** What may stand in a path as it is, besides letters and digits. */
    static final String IN_PATH = "-._~!$&'()*+,;=:@/";
    /** What may stand in a query as it is, besides letters and digits. */
    static final String IN_QUERY = IN_PATH + "?";
    /** What may stand in a user's name or password as it is, besides letters and digits. */
    static final String IN_USER = "-._~!$&'()*+,;=";

    private Percent() {}

    /** The text behind the escapes; empty if one of them is not two hexadecimal digits. */
    static Optional<String> decode(String text) {
        if (text.indexOf('%') < 0) {
            return Optional.of(text);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                out.write(bytes[i]);
            } else if (isEscape(bytes, i)) {
                out.write(Character.digit(bytes[i + 1], 16) << 4 | Character.digit(bytes[i + 2], 16));
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(out.toString(StandardCharsets.UTF_8));
    }

    /** The text with everything escaped that is neither letter, digit, one of {@code plain}, nor an escape. */
    static String escape(String text, String plain) {
        StringBuilder out = new StringBuilder(text.length());
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            char c = (char) (bytes[i] & 0xFF);
            if (isLetterOrDigit(c) || plain.indexOf(c) >= 0 || isEscape(bytes, i)) {
                out.append(c);
            } else {
                out.append("%%%02X".formatted((int) c));
            }
        }
        return out.toString();
    }

    static boolean isLetterOrDigit(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isEscape(byte[] bytes, int at) {
        return bytes[at] == '%' && at + 2 < bytes.length && Character.digit(bytes[at + 1], 16) >= 0
                && Character.digit(bytes[at + 2], 16) >= 0;
    }
}
