package dev.kiln.queue.job;

import java.util.Set;

import static dev.kiln.queue.job.Checks.check;

/**
 * A limit of {@code setrlimit(2)}.
 *
 * @param name in lower case, without {@code RLIMIT_}: {@code nofile}
 * @param soft -1 for unlimited
 * @param hard -1 for unlimited
 */
public record Ulimit(String name, long soft, long hard) {
    private static final Set<String> NAMES = Set.of("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
            "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack");

    public Ulimit {
        check(NAMES.contains(name), "invalid ulimit type " + Checks.shown(name));
        check(soft >= -1 && hard >= -1, "the ulimit " + name + " is below -1, which means unlimited");
        check(hard == -1 || soft != -1 && soft <= hard,
                "ulimit soft limit must be less than or equal to hard limit: " + soft + " > " + hard);
    }

    /**
     * Reads {@code name=soft[:hard]}; without a hard limit it is the soft one.
     *
     * @throws IllegalArgumentException when it is not that
     */
    public static Ulimit parse(String text) {
        int equals = text.indexOf('=');
        check(equals > 0, "invalid ulimit argument: " + Checks.shown(text) + ": expected TYPE=SOFT[:HARD]");
        String[] limits = text.substring(equals + 1).split(":", -1);
        check(limits.length <= 2, "too many limit value arguments - " + Checks.shown(text)
                + ", can only have up to two, `soft[:hard]`");
        long soft = number(limits[0], text);
        return new Ulimit(text.substring(0, equals), soft, limits.length == 2 ? number(limits[1], text) : soft);
    }

    private static long number(String digits, String text) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("invalid ulimit argument: " + Checks.shown(text)
                    + ": expected a number or -1", e);
        }
    }

    @Override
    public String toString() {
        return name + "=" + soft + ":" + hard;
    }
}
