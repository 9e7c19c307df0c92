package dev.kiln.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.build.BuildSender;
import dev.kiln.cli.build.OptionException;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.plan.GraphJson;
import dev.kiln.cli.plan.Planner;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.RequestJson;
import dev.kiln.queue.json.JsonText;

/** {@code kiln plan}: the graph of a build as JSON, without building. Files go to the farm as for a build. */
@Command(name = "plan", mixinStandardHelpOptions = true, description = "Prints the graph of a build as JSON without running it.", sortOptions = false)
final class PlanCommand implements Callable<Integer> {
    private static final BuildId NONE = new BuildId("0".repeat(26));

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final Farm farm = new Farm();

    @Mixin
    private final SourceFlags sources = new SourceFlags();

    @Mixin
    private final BuildFlags flags = new BuildFlags();

    @Mixin
    private final OutputFlags outputs = new OutputFlags();

    @Override
    public Integer call()
            throws ApiException, CommandFailed, ContextException, IOException, InterruptedException, OptionException {
        ObjectNode request = flags.request();
        outputs.read(flags.names(), flags.images()).put(request);
        try (BuildContext opened = sources.open(); RegistryClient registries = farm.registry()) {
            byte[] dockerfile = opened.text();
            sources.send(opened, new BuildSender(farm.client(), farm::registry), request);
            BuildRequest build = RequestJson.readNew(JsonText.write(request), NONE, Instant.EPOCH);
            spec.commandLine().getOut().println(GraphJson.write(Planner.plan(build, dockerfile, registries)));
            return ExitCode.DONE;
        } catch (Planner.PlanException e) {
            throw new CommandFailed(ExitCode.BUILD_FAILED, String.valueOf(e.getMessage()));
        }
    }
}
