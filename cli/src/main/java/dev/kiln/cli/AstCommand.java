package dev.kiln.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import dev.kiln.cli.progress.Printable;
import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.source.DockerfileException;

/** {@code kiln ast}: how a Dockerfile is read, without asking what it means. Needs no farm. */
@Command(name = "ast", mixinStandardHelpOptions = true, description = "Prints a Dockerfile as the parser reads it, one (instruction [\"--flag\"] \"argument\" ...) per line.")
final class AstCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The Dockerfile; - for standard input.")
    @SuppressWarnings("NullAway.Init")
    private String file;

    @Override
    public Integer call() throws CommandFailed {
        String tree;
        try {
            tree = Lexer.lex(read()).dump();
        } catch (DockerfileException wrong) {
            print(spec.commandLine().getErr(), wrong.describe(file));
            return ExitCode.BUILD_FAILED;
        }
        print(spec.commandLine().getOut(), tree);
        return ExitCode.DONE;
    }

    /** No more than shows that the file is too large. */
    private byte[] read() throws CommandFailed {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            return in.readNBytes(Lexer.LARGEST_FILE + 1);
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e);
        }
    }

    private static void print(PrintWriter to, String text) {
        text.lines().map(Printable::line).forEach(to::println);
        to.flush();
    }
}
