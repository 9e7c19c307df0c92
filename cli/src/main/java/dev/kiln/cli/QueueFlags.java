package dev.kiln.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.job.Priority;
import dev.kiln.queue.job.QueueOptions;

/** How a build waits, and how long it may run. */
final class QueueFlags {
    @Option(names = "--tenant", paramLabel = "NAME", defaultValue = "${env:KILN_TENANT}", description = "Whose build it is: tenants share the farm by their weights (default: $$KILN_TENANT, else \"default\").")
    private @Nullable String tenant;

    @Option(names = "--priority", paramLabel = "high|normal|low", description = "Which of the tenant's builds go first (default: normal).")
    private @Nullable String priority;

    @Option(names = "--supersede", paramLabel = "KEY", description = "Cancels builds of the tenant that were started with the same key before, waiting or running; as a newer build cancels this one.")
    private @Nullable String supersede;

    @Option(names = "--timeout", paramLabel = "TIME", description = "How long the build may run, such as 30m.")
    private @Nullable String timeout;

    @Option(names = "--step-timeout", paramLabel = "TIME", description = "How long one RUN may take, such as 90s.")
    private @Nullable String stepTimeout;

    /** Puts what is said into the request; refuses what the farm would refuse. */
    void put(ObjectNode request) throws CommandFailed {
        String whose = tenant == null || tenant.isBlank() ? QueueOptions.DEFAULT_TENANT : tenant;
        Optional<Duration> build = time("--timeout", timeout);
        Optional<Duration> step = time("--step-timeout", stepTimeout);
        try {
            QueueOptions options = new QueueOptions(whose,
                    priority == null ? Priority.NORMAL : Priority.parse(priority.toLowerCase(Locale.ROOT)),
                    Optional.ofNullable(supersede), new QueueOptions.Deadlines(build, step));
            request.put("tenant", options.tenant()).put("priority", options.priority().word());
            options.supersede().ifPresent(key -> request.put("supersede", key));
            build.ifPresent(time -> request.put("timeoutSeconds", time.toSeconds()));
            step.ifPresent(time -> request.put("stepTimeoutSeconds", time.toSeconds()));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(ExitCode.USAGE,
                    "--tenant, --priority, --supersede, --timeout and --step-timeout: " + e.getMessage());
        }
    }

    private static Optional<Duration> time(String flag, @Nullable String text) throws CommandFailed {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Duration.parse((text.endsWith("d") ? "P" : "PT") + text));
        } catch (DateTimeParseException e) {
            throw new CommandFailed(ExitCode.USAGE, flag + " " + text + ": expected a time such as 90s, 30m or 1h30m");
        }
    }
}
