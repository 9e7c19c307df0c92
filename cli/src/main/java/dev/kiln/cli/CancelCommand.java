package dev.kiln.cli;

import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.cli.client.ApiException;
import dev.kiln.queue.job.BuildId;

/** {@code kiln cancel}. */
@Command(name = "cancel", mixinStandardHelpOptions = true, description = "Asks the farm to cancel a build; `kiln logs -f` shows when it has.")
final class CancelCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Parameters(paramLabel = "BUILD", converter = BuildIdConverter.class)
    @SuppressWarnings("NullAway.Init")
    private BuildId build;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for those who read the build's log.")
    private @Nullable String reason;

    @Override
    public Integer call() throws ApiException {
        farm.client().cancel(build, Optional.ofNullable(reason));
        spec.commandLine().getOut().println(build);
        return ExitCode.DONE;
    }
}
