package dev.kiln.executor.op;

/** Go's {@code %q}: how BuildKit's messages put commands in quotes, which people search for. */
final class GoQuote {

    private GoQuote() {}

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> append(quoted, c));
        return quoted.append('"').toString();
    }

    private static void append(StringBuilder quoted, int c) {
        switch (c) {
            case '"', '\\' -> quoted.append('\\').appendCodePoint(c);
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            case '\f' -> quoted.append("\\f");
            case '\b' -> quoted.append("\\b");
            case 0x07 -> quoted.append("\\a");
            case 0x0b -> quoted.append("\\v");
            default -> {
                if (c < 0x20 || c == 0x7f) {
                    quoted.append(String.format("\\x%02x", c));
                } else {
                    quoted.appendCodePoint(c);
                }
            }
        }
    }
}
