package dev.kiln.executor.frontend;

import java.util.List;

import dev.kiln.dockerfile.instruction.Cmd;
import dev.kiln.dockerfile.instruction.Entrypoint;

/** CMD and ENTRYPOINT: what the image runs. */
final class CommandTranslator {

    private CommandTranslator() {}

    static void translate(Cmd cmd, StageState stage) {
        List<String> words = cmd.command().argv(stage.config().shell());
        stage.config().setCmd(words);
        stage.markCmdSet();
        stage.record("CMD " + GoText.quoted(words), false);
    }

    /** An inherited CMD was meant for the inherited entrypoint, so it goes; one of this stage stays. */
    static void translate(Entrypoint entrypoint, StageState stage) {
        List<String> words = entrypoint.command().argv(stage.config().shell());
        stage.config().setEntrypoint(words);
        if (!stage.isCmdSet()) {
            stage.config().clearCmd();
        }
        stage.record("ENTRYPOINT " + GoText.quoted(words), false);
    }
}
