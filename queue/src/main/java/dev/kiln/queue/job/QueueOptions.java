package dev.kiln.queue.job;

import java.time.Duration;
import java.util.Optional;

import static dev.kiln.queue.job.Checks.check;

/**
 * How a build waits, and how long it may run.
 *
 * @param tenant whose build this is: tenants share the farm by their weights; lower-case letters, digits and {@code . _ -}
 * @param supersede a newer build of the same tenant with the same key cancels this one; 1 to 200 characters
 */
public record QueueOptions(String tenant, Priority priority, Optional<String> supersede, Deadlines deadlines) {
    public static final String DEFAULT_TENANT = "default";
    public static final QueueOptions DEFAULT = new QueueOptions(DEFAULT_TENANT, Priority.NORMAL, Optional.empty(),
            Deadlines.NONE);
    /** Characters that a key has at most. */
    public static final int MAX_KEY = 200;

    /**
     * Whole seconds, one at least.
     *
     * @param build how long an attempt at the build may take, from its start to its last push
     * @param step how long one RUN may take
     */
    public record Deadlines(Optional<Duration> build, Optional<Duration> step) {
        public static final Deadlines NONE = new Deadlines(Optional.empty(), Optional.empty());

        public Deadlines {
            build.ifPresent(Deadlines::checkTime);
            step.ifPresent(Deadlines::checkTime);
        }

        private static void checkTime(Duration time) {
            check(time.toSeconds() >= 1 && time.toDays() <= 30 && time.toNanosPart() == 0,
                    "a deadline has whole seconds, from one second to 30 days");
        }
    }

    public QueueOptions {
        check(tenant.matches("[a-z0-9][a-z0-9._-]{0,62}"),
                "a tenant is 1 to 63 lower-case letters, digits and . _ - and begins with a letter or digit");
        supersede.ifPresent(key -> check(!key.isBlank() && key.length() <= MAX_KEY && !Checks.hasControl(key),
                "a key to supersede has 1 to " + MAX_KEY + " characters"));
    }

    public QueueOptions withDeadlines(Deadlines other) {
        return new QueueOptions(tenant, priority, supersede, other);
    }
}
