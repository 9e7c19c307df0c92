package dev.kiln.cli;

import java.io.IOException;
import java.io.PrintWriter;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.cli.build.OutlineFormat;
import dev.kiln.cli.build.TargetsFormat;
import dev.kiln.cli.context.BuildContext;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.lint.LintFormat;
import dev.kiln.cli.lint.LintedFile;
import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.lint.BaseImages;
import dev.kiln.dockerfile.lint.LintContext;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.lint.Linter;
import dev.kiln.dockerfile.outline.Outline;
import dev.kiln.dockerfile.outline.Targets;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.layercache.oci.Platform;

/** {@code --call}: a question about a Dockerfile in place of a build. Needs no farm. */
final class CallOption {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--call", paramLabel = "METHOD", description = "build, check, outline or targets; add ,format=json for JSON (default: build).")
    private String method = "build";

    @Option(names = "--check", description = "Short for --call=check: check the Dockerfile, do not build it.")
    private boolean check;

    private enum Method {
        BUILD, CHECK, OUTLINE, TARGETS
    }

    boolean isAsked() {
        return chosen() != Method.BUILD;
    }

    private Method chosen() {
        if (check && !method.equals("build")) {
            throw usage("--check asks for another answer");
        }
        return switch (words()[0]) {
            case "build" -> check ? Method.CHECK : Method.BUILD;
            case "check", "lint" -> Method.CHECK;
            case "outline" -> Method.OUTLINE;
            case "targets" -> Method.TARGETS;
            default -> throw usage("invalid method \"" + words()[0] + "\"; known: build, check, outline, targets");
        };
    }

    private String[] words() {
        return method.split(",", 2);
    }

    private boolean json() {
        String[] words = words();
        return switch (words.length == 1 ? "format=text" : words[1]) {
            case "format=text" -> false;
            case "format=json" -> true;
            case String other -> throw usage("invalid option \"" + other + "\"; known: format=text, format=json");
        };
    }

    /** Prints the answer and returns the command's exit code. */
    int answer(BuildContext context, BuildFlags flags) throws ContextException, IOException {
        boolean json = json();
        byte[] text = context.text();
        PrintWriter out = spec.commandLine().getOut();
        if (chosen() == Method.CHECK) {
            return check(context, flags, text, out);
        }
        try {
            Dockerfile file = DockerfileParser.parse(text);
            switch (chosen()) {
                case OUTLINE -> {
                    Outline outline = Outline.of(file, flags.target(), flags.buildArgs(),
                            Predefined.of(Platform.host(), flags.platforms().stream().findFirst()));
                    out.print(json ? OutlineFormat.json(outline, text) : OutlineFormat.text(outline));
                }
                case TARGETS -> {
                    Targets targets = Targets.of(file);
                    out.print(json ? TargetsFormat.json(targets, text) : TargetsFormat.text(targets));
                }
                case BUILD, CHECK -> throw new IllegalStateException("answered elsewhere");
            }
        } catch (DockerfileException e) {
            spec.commandLine().getErr().println("kiln: " + e.describe(context.dockerfile()));
            return ExitCode.BUILD_FAILED;
        }
        out.flush();
        return ExitCode.DONE;
    }

    private int check(BuildContext context, BuildFlags flags, byte[] text, PrintWriter out) throws ContextException {
        LintContext about = new LintContext(flags.buildArgs(),
                Predefined.of(Platform.host(), flags.platforms().stream().findFirst()),
                flags.target(), LintContext.Reach.ALL_WITHOUT_TARGET, context.ignored(), BaseImages.UNKNOWN);
        LintReport report = Linter.lint(text, about);
        LintedFile file = new LintedFile(context.dockerfile(), text);
        (json() ? LintFormat.JSON : LintFormat.HUMAN).print(report, file, out, spec.commandLine().getErr());
        return report.findings().isEmpty() && report.error().isEmpty() ? ExitCode.DONE : ExitCode.BUILD_FAILED;
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), "--call " + method + ": " + message);
    }
}
