package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Arg;

/** ARG inside a stage: a variable for the steps that follow, but none of the image. */
final class ArgTranslator {

    private ArgTranslator() {}

    static void translate(Arg arg, StageState stage) {
        BuildArguments arguments = stage.build().arguments();
        List<String> history = new ArrayList<>(List.of("ARG"));
        for (Arg.Declaration declared : arg.declarations()) {
            String name = declared.name();
            Optional<String> value = arguments.valueInStage(declared, stage.build().expander(), stage.variables());
            if (arguments.inEnvironment(name)) {
                value.ifPresent(v -> stage.variables().set(name, v));
            }
            stage.declare(name, value);
            history.add(name + value.map(v -> "=" + v).orElse(""));
        }
        stage.record(String.join(" ", history), false);
    }
}
