package dev.kiln.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.cli.client.ApiException;
import dev.kiln.queue.job.BuildId;

/** {@code kiln inspect}. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = "Prints all that is known of a build as JSON.")
final class InspectCommand implements Callable<Integer> {
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
        spec.commandLine().getOut().println(farm.client().build(build).toPrettyString());
        return ExitCode.DONE;
    }
}
