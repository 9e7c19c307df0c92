package dev.kiln.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import dev.kiln.cli.progress.PlainProgress;
import dev.kiln.cli.progress.Progress;
import dev.kiln.cli.progress.QuietProgress;
import dev.kiln.cli.progress.RawJsonProgress;
import dev.kiln.cli.progress.TtyProgress;

/** {@code --progress}: progress goes to standard error, as BuildKit's does, but JSON, which programs read. */
final class ProgressOption {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--progress", paramLabel = "MODE", description = "auto, plain, tty, rawjson or quiet (default: auto, which is tty on a terminal).")
    private String mode = "auto";

    Progress create() {
        return switch (mode) {
            case "auto" -> terminal().isPresent() ? tty() : new PlainProgress(buffered(FileDescriptor.err));
            case "plain" -> new PlainProgress(buffered(FileDescriptor.err));
            case "tty" -> tty();
            case "rawjson" -> new RawJsonProgress(buffered(FileDescriptor.err));
            case "quiet" -> new QuietProgress();
            default -> throw new ParameterException(spec.commandLine(),
                    "--progress is auto, plain, tty, rawjson or quiet, not \"" + mode + "\"");
        };
    }

    private static Progress tty() {
        String[] size = terminal().orElse("24 80").split(" ");
        return new TtyProgress(buffered(FileDescriptor.err), Integer.parseInt(size[1]), Integer.parseInt(size[0]),
                InstantSource.system());
    }

    /** Rows and columns of the terminal on standard error, which the launcher asks for. */
    private static Optional<String> terminal() {
        return Optional.ofNullable(System.getenv("KILN_TERMINAL"))
            .filter(t -> t.matches("[1-9][0-9]{0,4} [1-9][0-9]{0,4}"));
    }

    private static PrintStream buffered(FileDescriptor to) {
        return new PrintStream(new java.io.BufferedOutputStream(new FileOutputStream(to), 64 * 1024), false,
                StandardCharsets.UTF_8);
    }
}
