package dev.kiln.executor.worker;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.layercache.lease.Kind;
import dev.kiln.layercache.lease.Policy;

/**
 * How much an executor keeps on its disk.
 *
 * @param limits of the standard policies
 * @param policies instead of the standard ones; empty means those
 * @param floor bytes that must be free for a build to begin, and below which builds that run are ended
 * @param patience how long a build waits for that
 */
public record Keeping(Limits limits, List<Policy> policies, long floor, Duration patience) {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(|B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smhd])");
    private static final long DEFAULT_FLOOR = 512L << 20;

    /** What an executor does that is not told: the standard policies with limits by the size of the disk. */
    public static final Keeping STANDARD = new Keeping(
            new Limits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()), List.of(), DEFAULT_FLOOR,
            Duration.ofMinutes(10));

    /** Bytes, as {@link Policy.Limits}; what is absent depends on the size of the disk. */
    public record Limits(OptionalLong reserved, OptionalLong maxUsed, OptionalLong minFree) {

        Policy.Limits on(long disk) {
            Policy.Limits standard = Policy.Limits.ofDisk(disk);
            return new Policy.Limits(Math.min(reserved.orElse(standard.reserved()), maxUsed.orElse(Long.MAX_VALUE)),
                    maxUsed.orElse(standard.maxUsed()), minFree.orElse(standard.minFree()));
        }
    }

    public Keeping {
        policies = List.copyOf(policies);
        if (floor < 0 || patience.isNegative()) {
            throw new IllegalArgumentException("a floor and a time to wait are not negative");
        }
    }

    /** The policies on a disk of that many bytes. */
    List<Policy> on(long disk) {
        return policies.isEmpty() ? Policy.standard(limits.on(disk)) : policies;
    }

    /**
     * Reads a policy: words separated by spaces, {@code kind=KIND} (several times for several), {@code keep=TIME},
     * {@code reserved=SIZE}, {@code maxUsed=SIZE}, {@code minFree=SIZE}, {@code all}.
     *
     * @throws IllegalArgumentException saying which word is wrong
     */
    public static Policy policy(String text) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Duration keep = Duration.ZERO;
        long reserved = 0;
        long maxUsed = 0;
        long minFree = 0;
        boolean all = false;
        for (String word : text.strip().split("\\s+", -1)) {
            String value = word.substring(word.indexOf('=') + 1);
            switch (word.substring(0, word.length() - value.length())) {
                case "kind=" -> kinds.addAll(Kind.parse(value));
                case "keep=" -> keep = time(value);
                case "reserved=" -> reserved = size(value);
                case "maxUsed=" -> maxUsed = size(value);
                case "minFree=" -> minFree = size(value);
                case "" -> all = all(word);
                default -> throw new IllegalArgumentException("there is no \"" + word + "\" in a policy; known: kind=,"
                        + " keep=, reserved=, maxUsed=, minFree=, all");
            }
        }
        return new Policy(new Policy.Filter(kinds, Set.of()), keep, new Policy.Limits(reserved, maxUsed, minFree), all);
    }

    private static boolean all(String word) {
        if (word.equals("all")) {
            return true;
        }
        throw new IllegalArgumentException("there is no \"" + word + "\" in a policy; a policy is not empty");
    }

    /** Reads {@code 512MiB}, {@code 10GB} or a number of bytes. */
    public static long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a size such as 512MiB or 10GB, not \"" + text + "\"");
        }
        long unit = switch (matcher.group(2)) {
            case "kB" -> 1_000L;
            case "MB" -> 1_000_000L;
            case "GB" -> 1_000_000_000L;
            case "TB" -> 1_000_000_000_000L;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case "TiB" -> 1L << 40;
            default -> 1L;
        };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("the size " + text + " is too large", e);
        }
    }

    /** Reads {@code 90s}, {@code 30m}, {@code 48h} or {@code 60d}. */
    public static Duration time(String text) {
        Matcher matcher = TIME.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a time such as 30m, 48h or 60d, not \"" + text + "\"");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "d" -> Duration.ofDays(number);
            case "h" -> Duration.ofHours(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }
}
