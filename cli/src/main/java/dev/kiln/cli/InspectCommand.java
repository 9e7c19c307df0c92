package dev.kiln.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.progress.Printable;
import dev.kiln.queue.job.BuildId;

/** {@code kiln inspect}. */
@Command(name = "inspect", mixinStandardHelpOptions = true, description = "Prints all that is known of a build as JSON, or with --why what its steps ran for.")
final class InspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Option(names = "--why", description = "Print why each step that ran was not taken from the cache.")
    private boolean why;

    @Parameters(paramLabel = "BUILD", converter = BuildIdConverter.class)
    @SuppressWarnings("NullAway.Init")
    private BuildId build;

    @Override
    public Integer call() throws ApiException {
        PrintWriter out = spec.commandLine().getOut();
        if (why) {
            WhyText.lines(farm.client().why(build)).forEach(line -> out.println(Printable.line(line)));
        } else {
            out.println(farm.client().build(build).toPrettyString());
        }
        return ExitCode.DONE;
    }
}
