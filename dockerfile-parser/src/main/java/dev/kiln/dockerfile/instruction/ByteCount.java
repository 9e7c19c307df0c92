package dev.kiln.dockerfile.instruction;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as Docker writes them: {@code 512}, {@code 64m}, {@code 1.5 GiB}; every unit is a power of 1024. */
final class ByteCount {

    private static final Pattern FORM = Pattern
        .compile(
                "([+]?(?:\\d{1,30}\\.?\\d{0,30}|\\.\\d{1,30})(?:[eE][+-]?\\d{1,2})?) ?(?:[bB]|([kKmMgGtTpP])(?:[iI]?[bB])?)?");
    private static final BigDecimal TOO_MANY = BigDecimal.valueOf(Long.MAX_VALUE).add(BigDecimal.ONE);

    private ByteCount() {}

    /** Empty if it is no size, or one that nothing can have. */
    static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return OptionalLong.empty();
        }
        int power = form.group(2) == null ? 0 : "kmgtp".indexOf(form.group(2).toLowerCase(Locale.ROOT)) + 1;
        BigDecimal size = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
        return size.compareTo(TOO_MANY) < 0 ? OptionalLong.of(size.longValue()) : OptionalLong.empty();
    }
}
