package dev.kiln.cli.progress;

/** Text of unknown origin made fit for a terminal. */
public final class Printable {

    private Printable() {}

    /** Replaces every control character but the tab, so that a log can neither move the cursor nor hide text. */
    public static String line(String text) {
        int bad = 0;
        while (bad < text.length() && !isControl(text.charAt(bad))) {
            bad++;
        }
        if (bad == text.length()) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text);
        for (int i = bad; i < clean.length(); i++) {
            if (isControl(clean.charAt(i))) {
                clean.setCharAt(i, '\uFFFD');
            }
        }
        return clean.toString();
    }

    private static boolean isControl(char c) {
        return c != '\t' && (c < ' ' || c >= 0x7f && c < 0xa0);
    }
}
