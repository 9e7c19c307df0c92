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

    @Override
    public Integer call() throws ApiException {
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

    private static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        return seconds < 7200 ? seconds / 60 + "m" : seconds < 172800 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
