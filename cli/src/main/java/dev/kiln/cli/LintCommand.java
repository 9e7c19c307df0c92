package dev.kiln.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.context.ContextFiles;
import dev.kiln.cli.lint.LintFormat;
import dev.kiln.cli.lint.LintedFile;
import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.lint.BaseImages;
import dev.kiln.dockerfile.lint.LintContext;
import dev.kiln.dockerfile.lint.LintReport;
import dev.kiln.dockerfile.lint.Linter;
import dev.kiln.dockerfile.lint.Rule;
import dev.kiln.layercache.oci.Platform;

/** {@code kiln lint}: what in a Dockerfile is probably not meant so. Needs no farm. */
@Command(name = "lint", mixinStandardHelpOptions = true, description = "Checks a Dockerfile without building it.", sortOptions = false)
final class LintCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "PATH", arity = "0..1", defaultValue = ".", description = "The context's folder, or the Dockerfile itself (default: the current folder).")
    @SuppressWarnings("NullAway.Init")
    private String path;

    @Option(names = {"-f",
        "--file"}, paramLabel = "FILE", description = "The Dockerfile (default: PATH/Dockerfile); - for standard input.")
    private @Nullable String file;

    @Option(names = "--target", paramLabel = "STAGE", description = "Look only into this stage and what it is built from (default: all stages).")
    private @Nullable String target;

    @Option(names = "--build-arg", paramLabel = "KEY[=VALUE]", description = "A value for an ARG; without =, the variable of that name in this shell.")
    private final List<String> buildArgs = new ArrayList<>();

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "What would be built for, os/architecture[/variant] (default: this machine's).")
    private @Nullable String platform;

    @Option(names = "--format", paramLabel = "FORMAT", description = "human, json (as BuildKit's lint request answers) or sarif (default: human).")
    private String format = "human";

    @Option(names = "--rules", description = "List the rules and end.")
    private boolean rules;

    @Override
    public Integer call() throws ContextException, IOException {
        LintFormat chosen = format();
        PrintWriter out = spec.commandLine().getOut();
        if (rules) {
            printRules(out);
            return ExitCode.DONE;
        }
        Path folder = folder();
        LintedFile linted = linted(folder);
        IgnorePatterns ignored = STANDARD_INPUT.equals(file)
                ? ContextFiles.ignored(folder, folder.resolve("Dockerfile"))
                : ContextFiles.ignored(folder, Path.of(linted.name()));
        LintReport report = Linter.lint(linted.bytes(),
                new LintContext(KeyValues.ofOption(spec, "--build-arg", buildArgs, true),
                        Predefined.of(Platform.host(), wanted()),
                        Optional.ofNullable(target), LintContext.Reach.ALL_WITHOUT_TARGET, ignored,
                        BaseImages.UNKNOWN));
        chosen.print(report, linted, out, spec.commandLine().getErr());
        return report.findings().isEmpty() && report.error().isEmpty() ? ExitCode.DONE : ExitCode.BUILD_FAILED;
    }

    private LintFormat format() {
        return switch (format) {
            case "human" -> LintFormat.HUMAN;
            case "json" -> LintFormat.JSON;
            case "sarif" -> LintFormat.SARIF;
            default -> throw new ParameterException(spec.commandLine(),
                    "--format is human, json or sarif, not \"" + format + "\"");
        };
    }

    private static void printRules(PrintWriter out) {
        for (Rule rule : Rule.values()) {
            out.println(rule.id() + (rule.experimental() ? " (experimental)" : "") + (rule.own() ? " (of Kiln)" : ""));
            out.println("    " + rule.description());
            out.println("    " + rule.page());
        }
        out.flush();
    }

    /** The context: what was named, or where the Dockerfile that was named lies. */
    private Path folder() {
        Path named = Path.of(path);
        if (Files.isDirectory(named)) {
            return named;
        }
        if (file != null) {
            throw new ParameterException(spec.commandLine(), "the context " + path + " is not a folder");
        }
        return Optional.ofNullable(named.getParent()).orElse(Path.of("."));
    }

    private LintedFile linted(Path folder) throws ContextException, IOException {
        if (STANDARD_INPUT.equals(file)) {
            return new LintedFile("Dockerfile", read(System.in));
        }
        Optional<String> named = file == null && !Files.isDirectory(Path.of(path))
                ? Optional.of(path)
                : Optional.ofNullable(file);
        Path dockerfile = ContextFiles.dockerfile(folder, named);
        try (InputStream in = Files.newInputStream(dockerfile)) {
            return new LintedFile(dockerfile.normalize().toString(), read(in));
        }
    }

    /** No more than shows that the file is too large. */
    private static byte[] read(InputStream in) throws IOException {
        return in.readNBytes(Lexer.LARGEST_FILE + 1);
    }

    private Optional<Platform> wanted() {
        try {
            return Optional.ofNullable(platform).map(Platform::parse);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--platform: " + e.getMessage());
        }
    }
}
