package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.lex.Heredoc;
import dev.kiln.dockerfile.lex.RawInstruction;
import dev.kiln.dockerfile.lex.Word;

/** What RUN, CMD and ENTRYPOINT execute. No variables are expanded in it: that is left to the shell, if there is one. */
public sealed interface CommandLine {

    /** The arguments of the process, given the shell that holds at that point, such as {@code /bin/sh -c}. */
    List<String> argv(List<String> shell);

    /**
     * A line for the shell.
     *
     * @param text empty if the instruction has no arguments
     * @param heredocs only with RUN
     */
    record ShellForm(String text, List<Heredoc> heredocs) implements CommandLine {

        public ShellForm {
            heredocs = List.copyOf(heredocs);
        }

        /** The shell and the line, also if that is empty; here-documents are not looked at. */
        @Override
        public List<String> argv(List<String> shell) {
            List<String> argv = new ArrayList<>(shell);
            argv.add(text);
            return List.copyOf(argv);
        }
    }

    /** The arguments themselves, written as a JSON array; may be empty. */
    record ExecForm(List<String> arguments) implements CommandLine {

        public ExecForm {
            arguments = List.copyOf(arguments);
        }

        @Override
        public List<String> argv(List<String> shell) {
            return arguments;
        }
    }

    static CommandLine of(RawInstruction raw) {
        List<String> words = raw.arguments().words().stream().map(Word::text).toList();
        return raw.arguments().json() ? new ExecForm(words) : new ShellForm(String.join(" ", words), raw.heredocs());
    }
}
