package dev.kiln.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.cli.client.ApiException;
import dev.kiln.queue.job.BuildId;

/** {@code kiln dlq}: builds that failed for no fault of their own. */
@Command(name = "dlq", mixinStandardHelpOptions = true, description = "Builds that failed for no fault of their own, after all tries.", subcommands = {
    DlqCommand.Ls.class, DlqCommand.Show.class, DlqCommand.Retry.class, DlqCommand.Remove.class})
final class DlqCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which of ls, show, retry and rm?");
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists them, the oldest first.")
    static final class Ls implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private final Farm farm = new Farm();

        @Override
        public Integer call() throws ApiException {
            PrintWriter out = spec.commandLine().getOut();
            out.printf("%-26s  %-12s  %-20s  %s%n", "BUILD", "TENANT", "SINCE", "REASON");
            for (JsonNode letter : farm.client().deadLetters().get("deadLetters")) {
                String reason = letter.get("reason").asString();
                out.printf("%-26s  %-12s  %-20s  %s%n", letter.get("id").asString(), letter.get("tenant").asString(),
                        letter.get("since").asString().substring(0, 19) + "Z", reason.lines().findFirst().orElse(""));
            }
            out.flush();
            return ExitCode.DONE;
        }
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "One of them as JSON, with its request.")
    static final class Show implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private final Farm farm = new Farm();

        @Parameters(paramLabel = "BUILD", converter = BuildIdConverter.class)
        @SuppressWarnings("NullAway.Init")
        private BuildId build;

        @Override
        public Integer call() throws ApiException {
            JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
            spec.commandLine().getOut().println(mapper.writeValueAsString(farm.client().deadLetter(build)));
            return ExitCode.DONE;
        }
    }

    @Command(name = "retry", mixinStandardHelpOptions = true, description = "Has builds tried once more, as new builds; prints their ids.")
    static final class Retry implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private final Farm farm = new Farm();

        @Parameters(paramLabel = "BUILD", arity = "1..*", converter = BuildIdConverter.class)
        private final List<BuildId> builds = new ArrayList<>();

        @Override
        public Integer call() throws ApiException {
            for (BuildId build : builds) {
                spec.commandLine().getOut().println(farm.client().retry(build).get("id").asString());
            }
            return ExitCode.DONE;
        }
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Forgets them.")
    static final class Remove implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Mixin
        private final Farm farm = new Farm();

        @Parameters(paramLabel = "BUILD", arity = "1..*", converter = BuildIdConverter.class)
        private final List<BuildId> builds = new ArrayList<>();

        @Override
        public Integer call() throws ApiException {
            for (BuildId build : builds) {
                farm.client().removeDeadLetter(build);
                spec.commandLine().getOut().println(build);
            }
            return ExitCode.DONE;
        }
    }
}
