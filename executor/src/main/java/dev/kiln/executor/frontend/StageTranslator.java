package dev.kiln.executor.frontend;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Cmd;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Entrypoint;
import dev.kiln.dockerfile.instruction.Env;
import dev.kiln.dockerfile.instruction.Expose;
import dev.kiln.dockerfile.instruction.From;
import dev.kiln.dockerfile.instruction.Healthcheck;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Label;
import dev.kiln.dockerfile.instruction.Maintainer;
import dev.kiln.dockerfile.instruction.Onbuild;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.Shell;
import dev.kiln.dockerfile.instruction.Stopsignal;
import dev.kiln.dockerfile.instruction.User;
import dev.kiln.dockerfile.instruction.Volume;
import dev.kiln.dockerfile.instruction.Workdir;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;

/** Goes through the stages of one build in order and hands each instruction to its family's translator. */
final class StageTranslator {
    private final Translation build;
    private final StageLabels labels;
    /** By number: comparing stages would compare all their instructions. */
    private final Map<Integer, StageState> done = new HashMap<>();
    private final CopyTranslator copies = new CopyTranslator();

    StageTranslator(Translation build, StageLabels labels) {
        this.build = build;
        this.labels = labels;
    }

    /** Translates a stage whose dependencies are done. */
    void translate(Stage stage) throws FrontendException {
        StageState state = located(stage.from(), stage, () -> start(stage));
        for (Instruction instruction : stage.instructions()) {
            located(instruction, stage, () -> {
                dispatch(instruction, state);
                return state;
            });
        }
        copies.finished(stage, state.root());
        done.put(stage.index(), state);
    }

    private interface Work {
        StageState run();
    }

    private StageState located(Instruction instruction, Stage stage, Work work) throws FrontendException {
        try {
            return work.run();
        } catch (DockerfileException e) {
            throw FrontendException.at(instruction, labels.of(stage), e);
        }
    }

    private StageState start(Stage stage) {
        StepNames names = new StepNames(labels.of(stage), build.stages().steps(stage));
        Unsupported.when(stage.from().platform().isPresent(), "FROM --platform");
        return switch (build.stages().base(stage)) {
            case Source.OtherStage(Stage base) -> StageState.onTopOf(result(base), build, names);
            case Source.Scratch() -> ImageTranslator.scratch(build, names);
            case Source.Image(String name) -> ImageTranslator.image(name, build, names);
            case Source.Context() -> throw new IllegalStateException("no stage starts from the context");
        };
    }

    /** What a translated stage became. */
    StageState result(Stage stage) {
        return Optional.ofNullable(done.get(stage.index()))
            .orElseThrow(() -> new IllegalStateException("stage " + stage.displayName() + " is not done"));
    }

    private void dispatch(Instruction instruction, StageState stage) {
        switch (instruction) {
            case Run run -> RunTranslator.translate(run, stage);
            case Copy copy -> copies.translate(copy, stage);
            case Workdir workdir -> WorkdirTranslator.translate(workdir, stage);
            case Arg arg -> ArgTranslator.translate(arg, stage);
            case Env env -> SettingTranslator.translate(env, stage);
            case Label label -> SettingTranslator.translate(label, stage);
            case Expose expose -> SettingTranslator.translate(expose, stage);
            case Volume volume -> SettingTranslator.translate(volume, stage);
            case User user -> SettingTranslator.translate(user, stage);
            case Stopsignal stopsignal -> SettingTranslator.translate(stopsignal, stage);
            case Shell shell -> SettingTranslator.translate(shell, stage);
            case Cmd cmd -> CommandTranslator.translate(cmd, stage);
            case Entrypoint entrypoint -> CommandTranslator.translate(entrypoint, stage);
            case Add _,Healthcheck _,Maintainer _,Onbuild _ -> throw Unsupported.of(instruction.keyword());
            case From from -> throw new IllegalStateException("a FROM inside a stage at " + from.range());
        }
    }
}
