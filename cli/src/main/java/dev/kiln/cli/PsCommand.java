package dev.kiln.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

import dev.kiln.cli.client.ApiException;

/** {@code kiln ps}. */
@Command(name = "ps", mixinStandardHelpOptions = true, description = "Lists builds, the newest first.")
final class PsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Option(names = {"-a", "--all"}, description = "Also those that have ended.")
    private boolean all;

    @Option(names = {"-n", "--last"}, paramLabel = "N", description = "At most this many (default: 50; at most 500).")
    private int limit = 50;

    @Option(names = "--state", paramLabel = "STATE", description = "Only builds in this state; may be given several times: queued, running, succeeded, failed, cancelled.")
    private final List<String> states = new ArrayList<>();

    @Option(names = "--queue", description = "Those that wait, in the order in which they are expected to go, with tenants and executors.")
    private boolean queue;

    @Override
    public Integer call() throws ApiException, CommandFailed {
        if (queue) {
            if (all || !states.isEmpty()) {
                throw new CommandFailed(ExitCode.USAGE, "--queue shows builds that wait: leave out --all and --state");
            }
            return showQueue(farm.client().queue(limit));
        }
        List<String> wanted = !states.isEmpty() ? states : all ? List.of() : List.of("queued", "running");
        JsonNode page = farm.client().builds(limit, wanted);
        PrintWriter out = spec.commandLine().getOut();
        Instant now = InstantSource.system().instant();
        out.printf("%-26s  %-9s  %8s  %s%n", "BUILD", "STATE", "AGE", "NAMES");
        for (JsonNode build : page.get("builds")) {
            JsonNode request = build.get("request");
            List<String> names = new ArrayList<>();
            request.path("names").forEach(n -> names.add(n.asString()));
            out.printf("%-26s  %-9s  %8s  %s%n", build.get("id").asString(), build.get("state").asString(),
                    age(Duration.between(Instant.parse(request.get("submitted").asString()), now)),
                    String.join(" ", names));
        }
        out.flush();
        return ExitCode.DONE;
    }

    private int showQueue(JsonNode queue) {
        PrintWriter out = spec.commandLine().getOut();
        int slots = 0;
        for (JsonNode executor : queue.get("executors")) {
            slots += executor.get("slots").asInt();
        }
        out.printf("%d waiting, %d with executors; %d executors with %d slots%n%n", queue.get("waiting").asInt(),
                queue.get("handedOut").asInt(), queue.get("executors").size(), slots);
        out.printf("%-20s  %6s  %7s  %7s  %8s%n", "TENANT", "WEIGHT", "WAITING", "RUNNING", "OLDEST");
        for (JsonNode tenant : queue.get("tenants")) {
            out.printf("%-20s  %6d  %7d  %7d  %8s%n", tenant.get("tenant").asString(), tenant.get("weight").asInt(),
                    tenant.get("waiting").asInt(), tenant.get("handedOut").asInt(),
                    age(Duration.ofSeconds(tenant.get("oldestSeconds").asLong())));
        }
        out.printf("%n%8s  %-26s  %-20s  %-8s  %8s%n", "POSITION", "BUILD", "TENANT", "PRIORITY", "AGE");
        for (JsonNode build : queue.get("builds")) {
            out.printf("%8d  %-26s  %-20s  %-8s  %8s%n", build.get("position").asInt(), build.get("id").asString(),
                    build.get("tenant").asString(), build.get("priority").asString(),
                    age(Duration.ofSeconds(build.get("ageSeconds").asLong())));
        }
        out.flush();
        return ExitCode.DONE;
    }

    private static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        return seconds < 7200 ? seconds / 60 + "m" : seconds < 172800 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
