package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import dev.kiln.dockerfile.instruction.CommandLine;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.HeredocWord;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.frontend.FrontendOptions.Entitlement;
import dev.kiln.executor.frontend.FrontendOptions.Steps;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.layercache.oci.Platform;

/** RUN: a step and a layer. For one build and one thread. */
record RunTranslator(SourceVertices files) {
    private static final String SCRIPTS = "/dev/pipes/";

    /** What is executed, and what is mounted for it. */
    private record Command(List<String> args, List<StepMount> scripts, String summary) {}

    void translate(Run run, StageState stage) {
        if (!run.devices().isEmpty()) {
            throw Unsupported.of("RUN --device");
        }
        Command command = command(run.command(), stage.config().shell());
        if (command.args().isEmpty()) {
            throw new DockerfileException(DockerfileException.Code.SYNTAX, "arguments are required");
        }
        stage.build().limit().reading(stage.variables().characters());
        stage.build().limit().references(stage.variables().size() + stage.declaredCount());
        StepMounts mounts = StepMounts.of(run, stage, files);
        List<StepMount> all = new ArrayList<>(command.scripts());
        all.addAll(mounts.mounts());
        OpSpec.Run op = new OpSpec.Run(command.args(), stage.variables().entries(),
                LexicalPath.clean(stage.directory()), stage.config().user(), sandbox(run, stage), all);
        String displayed = stage.build()
            .expander()
            .display(run.display() + command.summary(), mounts.masked(stage.variables()));
        String history = "RUN " + argumentPrefix(stage.declaredValues()) + String.join(" ", command.args())
                + " # buildkit";
        stage.step(displayed, op, mounts.inputs(), run);
        stage.record(history, true);
    }

    private static Command command(CommandLine line, List<String> shell) {
        if (!(line instanceof CommandLine.ShellForm(String text, List<Heredoc> heredocs)) || heredocs.isEmpty()) {
            return new Command(line.argv(shell), List.of(), "");
        }
        Heredoc first = heredocs.getFirst();
        if (HeredocWord.parse(text).isEmpty()) {
            return new Command(withShell(shell, rejoined(text, heredocs)), List.of(), "");
        }
        String body = first.body();
        String summary = " (" + summary(first.content()) + ")";
        if (!body.startsWith("#!")) {
            return new Command(withShell(shell, body), List.of(), summary);
        }
        String script = SCRIPTS + first.name();
        return new Command(withShell(shell, script), List.of(new StepMount.Inline(script, body)), summary);
    }

    private static List<String> withShell(List<String> shell, String text) {
        List<String> args = new ArrayList<>(shell);
        args.add(text);
        return args;
    }

    /** The text as it was written: the shell makes of the here-documents what it will. */
    private static String rejoined(String text, List<Heredoc> heredocs) {
        StringBuilder whole = new StringBuilder(text);
        for (Heredoc heredoc : heredocs) {
            whole.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return whole.toString();
    }

    private static String summary(String body) {
        String[] lines = body.strip().split("\r?\n", 2);
        return lines[0] + (lines.length > 1 ? "..." : "");
    }

    private static Sandbox sandbox(Run run, StageState stage) {
        Translation build = stage.build();
        Platform platform = stage.platform();
        Steps steps = build.options().steps();
        boolean insecure = run.security().filter(Run.Security.INSECURE::equals).isPresent();
        OpSpec.Network network = network(run, steps.network());
        if (insecure) {
            require(Entitlement.SECURITY_INSECURE, steps);
        }
        if (run.network().filter(Run.Network.HOST::equals).isPresent()) {
            require(Entitlement.NETWORK_HOST, steps);
        }
        return new Sandbox(network, insecure, build.arguments().given("BUILDKIT_SANDBOX_HOSTNAME").orElse(""),
                steps.hosts(), steps.sharedMemory(), steps.ulimits(),
                Optional.of(platform).filter(own -> !own.equals(build.options().platforms().build())));
    }

    private static void require(Entitlement wanted, Steps steps) {
        if (!steps.allowed().contains(wanted)) {
            throw new DockerfileException(DockerfileException.Code.UNSUPPORTED, wanted.word()
                    + " is not allowed: the build has to ask for it with --allow " + wanted.word()
                    + ", and the executor's configuration has to grant it");
        }
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
}
