package dev.kiln.cli;

import java.io.IOException;
import java.util.List;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import dev.kiln.cli.build.OptionException;
import dev.kiln.cli.client.ApiException;
import dev.kiln.cli.context.ContextException;
import dev.kiln.cli.log.LogFormat;

/** {@code kiln}. */
@Command(name = "kiln", mixinStandardHelpOptions = true, version = "kiln 0.1.0", description = "Builds images on a farm: a queue, executors, a cache and a registry.")
public final class Main implements Runnable {
    private static final List<Class<?>> COMMANDS = List.of(BuildCommand.class, PlanCommand.class, LogsCommand.class,
            PsCommand.class, InspectCommand.class, CancelCommand.class, DlqCommand.class, DuCommand.class,
            PruneCommand.class,
            FsckCommand.class, LintCommand.class, AstCommand.class,
            ImportCommand.class, UpCommand.class, ApiCommand.class, WorkerCommand.class, DemoCommand.class,
            CommandLine.HelpCommand.class);

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init")
    private CommandLine.Model.CommandSpec spec;

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs a command and returns what the shell is to learn. */
    public static int run(String... args) {
        try {
            LogFormat _ = LogFormat.of(System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println("kiln: " + e.getMessage());
            return ExitCode.USAGE;
        }
        CommandLine main = new CommandLine(new Main());
        subcommands(args).forEach(main::addSubcommand);
        return main.setExecutionExceptionHandler(Main::failed)
            .setExitCodeExceptionMapper(Main::exitCode)
            .execute(args);
    }

    /**
     * What the arguments can mean: the one command that they begin with, or else all. Making a command known means to look
     * at all its options by reflection, which for all commands takes longer than the rest of a short one.
     */
    private static List<Class<?>> subcommands(String... args) {
        List<Class<?>> one = COMMANDS.stream()
            .filter(command -> args.length > 0 && command.getAnnotation(Command.class).name().equals(args[0]))
            .toList();
        return one.isEmpty() ? COMMANDS : one;
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (failure instanceof ApiException || failure instanceof CommandFailed
                || failure instanceof ContextException || failure instanceof OptionException) {
            command.getErr().println("kiln: " + failure.getMessage());
            return exitCode(failure);
        }
        if (failure instanceof IOException) {
            command.getErr().println("kiln: " + failure);
            return ExitCode.BUILD_FAILED;
        }
        throw failure;
    }

    private static int exitCode(Throwable failure) {
        return switch (failure) {
            case ApiException api -> switch (api.kind()) {
                case UNREACHABLE -> ExitCode.UNREACHABLE;
                case REFUSED, NOT_FOUND -> ExitCode.USAGE;
                case BUILD_INVALID -> ExitCode.BUILD_FAILED;
            };
            case CommandFailed failed -> failed.exitCode();
            case ContextException _,OptionException _,CommandLine.ParameterException _ -> ExitCode.USAGE;
            default -> ExitCode.BUILD_FAILED;
        };
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getErr());
        throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
    }
}
