package dev.kiln.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as Docker writes them: a number and b, k, m, g or t, in powers of 1024. */
final class ByteSize {
    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([bkmgt]?)i?b?");

    private ByteSize() {}

    static long parse(String text) {
        Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a size such as 512m or 4g");
        }
        int shift = matcher.group(2).isEmpty() ? 0 : 10 * "bkmgt".indexOf(matcher.group(2));
        return (long) (Double.parseDouble(matcher.group(1)) * (1L << shift));
    }

    /** The size in the largest unit that leaves at least 1. */
    static String show(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %siB", bytes / (double) (1L << unit * 10), " KMGTPE".charAt(unit));
    }
}
