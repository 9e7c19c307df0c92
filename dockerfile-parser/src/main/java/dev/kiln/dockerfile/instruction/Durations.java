package dev.kiln.dockerfile.instruction;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.lex.Word;

/** Durations as Go writes them: {@code 1h30m0s}, {@code 1.5s}, {@code 300ms}, {@code 0s}. */
public final class Durations {

    private static final Pattern PART = Pattern.compile("(\\d*)(\\.?)(\\d*)([^\\d.]*)");
    private static final Map<String, Long> NANOS = Map.of("ns", 1L, "us", 1_000L, "µs", 1_000L, "μs", 1_000L, "ms",
            1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final int LONGEST = 200;
    private static final long SECOND = 1_000_000_000L;

    private Durations() {}

    static Duration parse(Word word) {
        String text = word.text();
        String quoted = Quoted.word(text);
        boolean signed = text.startsWith("-") || text.startsWith("+");
        String amount = signed ? text.substring(1) : text;
        if (amount.equals("0")) {
            return Duration.ZERO;
        }
        if (amount.isEmpty() || text.length() > LONGEST) {
            throw Faults.flag(word, "time: invalid duration " + quoted);
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(amount);
        while (part.regionStart() < amount.length()) {
            if (!part.lookingAt() || (part.group(1) + part.group(3)).isEmpty()) {
                throw Faults.flag(word, "time: invalid duration " + quoted);
            }
            nanos = nanos.add(nanos(part, word));
            part.region(part.end(), amount.length());
        }
        if (nanos.toBigInteger().compareTo(BigInteger.valueOf(Long.MAX_VALUE)) > 0) {
            throw Faults.flag(word, "time: invalid duration " + quoted);
        }
        Duration duration = Duration.ofNanos(nanos.longValue());
        return text.startsWith("-") ? duration.negated() : duration;
    }

    private static BigDecimal nanos(Matcher part, Word word) {
        String quoted = Quoted.word(word.text());
        String unit = part.group(4);
        if (unit.isEmpty()) {
            throw Faults.flag(word, "time: missing unit in duration " + quoted);
        }
        Long factor = NANOS.get(unit);
        if (factor == null) {
            throw Faults.flag(word, "time: unknown unit " + Quoted.word(unit) + " in duration " + quoted);
        }
        return new BigDecimal("0" + part.group(1) + "." + part.group(3) + "0").multiply(BigDecimal.valueOf(factor));
    }

    /** In the largest units that fit, as in the history of an image. */
    public static String format(Duration duration) {
        long nanos = duration.abs().toNanos();
        String sign = duration.isNegative() ? "-" : "";
        if (nanos == 0) {
            return "0s";
        }
        if (nanos < SECOND) {
            String unit = nanos < 1_000 ? "ns" : nanos < 1_000_000 ? "µs" : "ms";
            return sign + decimal(nanos, nanos < 1_000 ? 1 : nanos < 1_000_000 ? 1_000 : 1_000_000) + unit;
        }
        long minutes = nanos / SECOND / 60;
        String seconds = decimal(nanos - minutes * 60 * SECOND, SECOND) + "s";
        String hours = minutes >= 60 ? minutes / 60 + "h" : "";
        return sign + hours + (minutes > 0 ? minutes % 60 + "m" : "") + seconds;
    }

    private static String decimal(long nanos, long unit) {
        BigDecimal value = BigDecimal.valueOf(nanos).divide(BigDecimal.valueOf(unit));
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}
