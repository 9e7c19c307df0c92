package dev.kiln.dockerfile.lint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;

/**
 * Takes every stage after the one it is based on, depth first, so that the variables of a base are at hand and need not
 * be copied. What is found is put back into the order of the file afterwards.
 */
final class StageWalk {

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** What a stage gave. */
    private record Outcome(Findings findings, @Nullable DockerfileException failure) {}

    /** A stage that stages on top of it are being looked at. */
    private record Open(StageState state, int mark, Iterator<Stage> onTop) {}

    private final LintRun run;
    private final Function<Stage, Optional<BaseImage>> images;
    private final Function<Stage, List<Instruction>> triggers;
    private final Environment environment = new Environment();
    private final Map<Integer, List<Stage>> onTop = new TreeMap<>();
    private final Map<Integer, Outcome> outcomes = new TreeMap<>();
    private final Deque<Open> open = new ArrayDeque<>();

    StageWalk(LintRun run, Function<Stage, Optional<BaseImage>> images,
            Function<Stage, List<Instruction>> triggers) {
        this.run = run;
        this.images = images;
        this.triggers = triggers;
    }

    /**
     * @param chosen the indexes of the stages to look at; with a stage, its bases
     * @throws DockerfileException the first in the order of the file; what was found before it has been added
     */
    void walk(List<Stage> stages, BitSet chosen, Findings findings) {
        List<Stage> bottom = new ArrayList<>();
        for (Stage stage : stages) {
            if (chosen.get(stage.index())) {
                if (run.graph().base(stage) instanceof Source.OtherStage(Stage base)) {
                    onTop.computeIfAbsent(base.index(), first -> new ArrayList<>()).add(stage);
                } else {
                    bottom.add(stage);
                }
            }
        }
        for (Stage stage : bottom) {
            int mark = environment.mark();
            enter(stage, bottomState(stage), mark);
            climb();
        }
        for (Outcome outcome : outcomes.values()) {
            findings.addAll(outcome.findings);
            if (outcome.failure != null) {
                throw outcome.failure;
            }
        }
    }

    private void climb() {
        while (!open.isEmpty()) {
            Open top = open.peek();
            if (top.onTop.hasNext()) {
                enter(top.onTop.next(), top.state, environment.mark());
            } else {
                environment.rollBack(open.pop().mark);
            }
        }
    }

    /** Stages on top of one that failed are not looked at: the failure ends the check before them. */
    private void enter(Stage stage, StageState inherited, int mark) {
        StageRules rules = new StageRules(run, stage, inherited, environment);
        try {
            StageState state = rules.follow(triggers.apply(stage));
            outcomes.put(stage.index(), new Outcome(rules.findings(), null));
            open.push(new Open(state, mark, onTop.getOrDefault(stage.index(), List.of()).iterator()));
        } catch (DockerfileException failed) {
            outcomes.put(stage.index(), new Outcome(rules.findings(), failed));
            environment.rollBack(mark);
        }
    }

    private StageState bottomState(Stage stage) {
        if (run.graph().base(stage) instanceof Source.Image(String reference)) {
            Optional<BaseImage> image = images.apply(stage);
            image.ifPresent(known -> known.environment().forEach((name, value) -> environment.set(name, value, true)));
            if (environment.find("PATH").isEmpty()) {
                environment.set("PATH", DEFAULT_PATH, image.isPresent());
            }
            return new StageState(image.isPresent() ? Optional.empty() : Optional.of(reference),
                    image.map(BaseImage::shell).orElse(false), false);
        }
        environment.set("PATH", DEFAULT_PATH, true);
        return new StageState(Optional.empty(), false, false);
    }
}
