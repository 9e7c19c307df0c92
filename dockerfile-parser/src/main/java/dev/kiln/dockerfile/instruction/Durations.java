package dev.kiln.dockerfile.instruction;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.lex.Word;

/** Durations as Go writes them: {@code 1h30m}, {@code 1.5s}, {@code 300ms}, or {@code 0}. */
final class Durations {

    private static final Pattern WHOLE = Pattern
        .compile("[-+]?(0|(?:(?:\\d{1,18}\\.?\\d{0,18}|\\.\\d{1,18})(?:ns|us|µs|μs|ms|s|m|h)){1,20})");
    private static final Pattern PART = Pattern.compile("([\\d.]+)(\\D+)");
    private static final Map<String, Long> NANOS = Map.of("ns", 1L, "us", 1_000L, "µs", 1_000L, "μs", 1_000L, "ms",
            1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);

    private Durations() {}

    static Duration parse(Word word) {
        if (!WHOLE.matcher(word.text()).matches()) {
            throw Faults.flag(word, "time: invalid duration " + Quoted.word(word.text()));
        }
        BigDecimal nanos = BigDecimal.ZERO;
        for (Matcher part = PART.matcher(word.text()); part.find();) {
            BigDecimal amount = new BigDecimal(part.group(1));
            nanos = nanos.add(amount.multiply(BigDecimal.valueOf(NANOS.getOrDefault(part.group(2), 0L))));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw Faults.flag(word, "time: invalid duration " + Quoted.word(word.text()));
        }
        Duration duration = Duration.ofNanos(nanos.longValue());
        return word.text().startsWith("-") ? duration.negated() : duration;
    }
}
