package dev.kiln.api.http;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One range of bytes of a body (RFC 9110, section 14), as it lies inside a body of known size.
 *
 * @param first offset of its first byte
 * @param length at least 1
 * @param total of the whole body
 */
public record ByteRange(long first, long length, long total) {
    private static final Pattern SINGLE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

    /**
     * Reads the header Range. Empty when there is none, or one that this server may ignore: another unit, several
     * ranges, or none in the right form.
     *
     * @throws ProblemException {@code RANGE} when the range lies outside
     */
    public static Optional<ByteRange> of(Call call, long total) {
        Matcher matcher = SINGLE.matcher(call.header("Range").orElse(""));
        if (!matcher.matches() || matcher.group(1).isEmpty() && matcher.group(2).isEmpty()) {
            return Optional.empty();
        }
        long first;
        long end;
        if (matcher.group(1).isEmpty()) {
            first = Math.max(0, total - Long.parseLong(matcher.group(2)));
            end = total;
        } else {
            first = Long.parseLong(matcher.group(1));
            end = matcher.group(2).isEmpty() ? total : Math.min(total, Long.parseLong(matcher.group(2)) + 1);
            if (!matcher.group(2).isEmpty() && Long.parseLong(matcher.group(2)) < first) {
                return Optional.empty();
            }
        }
        if (first >= end) {
            throw new ProblemException(HttpProblem.RANGE, "the range begins after the last of " + total + " bytes")
                .with("size", total);
        }
        return Optional.of(new ByteRange(first, end - first, total));
    }

    /** The value of Content-Range. */
    public String contentRange() {
        return "bytes " + first + "-" + (first + length - 1) + "/" + total;
    }
}
