package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import dev.kiln.dockerfile.instruction.CommandLine;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.graph.OpSpec;

/** RUN: a step and a layer. */
final class RunTranslator {

    private RunTranslator() {}

    static void translate(Run run, StageState stage) {
        refuseUnsupported(run);
        List<String> args = run.command().argv(stage.config().shell());
        if (args.isEmpty()) {
            throw new DockerfileException(DockerfileException.Code.SYNTAX, "arguments are required");
        }
        FrontendOptions options = stage.build().options();
        stage.build().limit().reading(stage.variables().characters());
        stage.build().limit().references(stage.variables().size() + stage.declaredCount());
        OpSpec.Run op = new OpSpec.Run(args, stage.variables().entries(),
                LexicalPath.clean(stage.directory()), stage.config().user(),
                network(run, options.network()));
        String displayed = stage.build().expander().display(run.display(), stage.variables());
        String history = "RUN " + argumentPrefix(stage.declaredValues()) + String.join(" ", args) + " # buildkit";
        stage.step(displayed, op, List.of(), options.noCache());
        stage.record(history, true);
    }

    private static OpSpec.Network network(Run run, OpSpec.Network requested) {
        return switch (run.network().orElse(Run.Network.DEFAULT)) {
            case DEFAULT -> requested;
            case NONE -> OpSpec.Network.NONE;
            case HOST -> OpSpec.Network.HOST;
        };
    }

    /** How the history tells which arguments a step saw: {@code |2 A=1 B=2}. */
    private static String argumentPrefix(Map<String, String> arguments) {
        if (arguments.isEmpty()) {
            return "";
        }
        return arguments.entrySet()
            .stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(" ", "|" + arguments.size() + " ", " "));
    }

    private static void refuseUnsupported(Run run) {
        Unsupported.when(!run.mounts().isEmpty(), "RUN --mount");
        Unsupported.when(run.security().isPresent(), "RUN --security");
        Unsupported.when(!run.devices().isEmpty(), "RUN --device");
        Unsupported.when(run.command() instanceof CommandLine.ShellForm form && !form.heredocs().isEmpty(),
                "a here-document");
    }
}
