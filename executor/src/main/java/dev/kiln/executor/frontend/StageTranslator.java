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
import dev.kiln.dockerfile.stage.StageGraph;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.frontend.SourceResolver.Found;

/** Goes through the stages of one build in order and hands each instruction to its family's translator. */
final class StageTranslator {
    private final Translation build;
    private final StageLabels labels;
    /** By number: comparing stages would compare all their instructions. */
    private final Map<Integer, StageState> done = new HashMap<>();
    private final SourceVertices files;

    StageTranslator(Translation build, StageLabels labels) {
        this.build = build;
        this.labels = labels;
        this.files = new SourceVertices(build);
    }

    /** Translates a stage whose dependencies are done. */
    void translate(Stage stage) throws FrontendException, InterruptedException {
        StageState[] state = new StageState[1];
        located(stage.from(), stage, () -> state[0] = start(stage));
        if (!build.stages().isReplaced(stage)) {
            state[0].setFreshness(build.options().noCache().holdsFor(stage.name()), stage.from().origin().controls());
            int triggers = build.sources().triggers().of(stage);
            for (Instruction instruction : stage.instructions()) {
                state[0].names().markTrigger(triggers-- > 0);
                located(instruction, stage, () -> dispatch(instruction, state[0]));
            }
        }
        files.finished(stage, state[0].root());
        done.put(stage.index(), state[0]);
    }

    private interface Work {
        void run() throws RemoteException, InterruptedException;
    }

    private void located(Instruction instruction, Stage stage, Work work)
            throws FrontendException, InterruptedException {
        try {
            work.run();
        } catch (DockerfileException e) {
            throw FrontendException.at(instruction, labels.of(stage), e);
        } catch (RemoteException e) {
            throw FrontendException.at(instruction, labels.of(stage), e, String.valueOf(e.getMessage()));
        }
    }

    private StageState start(Stage stage) {
        int triggers = build.sources().triggers().of(stage);
        // Every trigger counts in the display, also one that makes no step.
        int steps = build.stages().steps(stage) + (int) stage.instructions()
            .stream()
            .limit(triggers)
            .filter(instruction -> !StageGraph.isStep(instruction))
            .count();
        StepNames names = new StepNames(labels.of(stage), steps,
                Optional.of(build.sources().platforms().of(stage)).filter(_ -> build.several()));
        Source base = build.stages().base(stage);
        StagePlatforms platforms = build.sources().platforms();
        return switch (base) {
            case Source.OtherStage(Stage other) -> StageState.onTopOf(result(other), build, names);
            case Source.Scratch() -> ImageTranslator.scratch(build, names, platforms.of(stage));
            case Source.Image _,Source.NamedContext _ -> switch (build.sources()
                .resolved()
                .found(base, platforms.of(stage))) {
                case Found.Image image -> ImageTranslator.image(image, build, names,
                        platforms.said(stage, build.options().platforms().target()));
                case Found.Context context -> ImageTranslator.context(context, build, names, platforms.of(stage));
            };
            case Source.Context() -> throw new IllegalStateException("no stage starts from the context");
        };
    }

    /** What a translated stage became. */
    StageState result(Stage stage) {
        return Optional.ofNullable(done.get(stage.index()))
            .orElseThrow(() -> new IllegalStateException("stage " + stage.displayName() + " is not done"));
    }

    private void dispatch(Instruction instruction, StageState stage) throws RemoteException, InterruptedException {
        switch (instruction) {
            case Run run -> new RunTranslator(files).translate(run, stage);
            case Copy copy -> new TransferTranslator(files).translate(copy, stage);
            case Add add -> new TransferTranslator(files).translate(add, stage);
            case Workdir workdir -> WorkdirTranslator.translate(workdir, stage);
            case Arg arg -> ArgTranslator.translate(arg, stage);
            case Env env -> SettingTranslator.translate(env, stage);
            case Label label -> SettingTranslator.translate(label, stage);
            case Expose expose -> SettingTranslator.translate(expose, stage);
            case Volume volume -> SettingTranslator.translate(volume, stage);
            case User user -> SettingTranslator.translate(user, stage);
            case Stopsignal stopsignal -> SettingTranslator.translate(stopsignal, stage);
            case Shell shell -> SettingTranslator.translate(shell, stage);
            case Maintainer maintainer -> SettingTranslator.translate(maintainer, stage);
            case Onbuild onbuild -> stage.config().addTrigger(onbuild.expression());
            case Cmd cmd -> CommandTranslator.translate(cmd, stage);
            case Entrypoint entrypoint -> CommandTranslator.translate(entrypoint, stage);
            case Healthcheck healthcheck -> CommandTranslator.translate(healthcheck, stage);
            case From from -> throw new IllegalStateException("a FROM inside a stage at " + from.range());
        }
    }
}
