package dev.kiln.dockerfile.stage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Add;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.instruction.RunMount;
import dev.kiln.dockerfile.instruction.Workdir;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.dockerfile.source.Suggestion;

/**
 * How the stages of a file build on each other.
 *
 * <p>
 * A FROM reaches back to the last stage of that name before it. A COPY names a stage by name or number anywhere in the
 * file; of several stages with one name the last counts. Reaching forward is an error only in a stage that is needed,
 * reaching in a circle always is.
 */
public final class StageGraph {

    private final List<Stage> stages;
    private final StageNames names;
    private final List<Source> bases;
    private final List<List<Dependency>> dependencies;

    /** An instruction that takes files from another stage. */
    record Dependency(Instruction by, Stage on) {}

    private StageGraph(List<Stage> stages, StageNames names, List<Source> bases) {
        this.stages = stages;
        this.names = names;
        this.bases = bases;
        this.dependencies = stages.stream().map(this::dependencies).toList();
    }

    /**
     * @param stages all of a file, in order
     * @param globals what FROM lines see
     * @throws DockerfileException if a FROM cannot be expanded, if a number names no stage, or if stages form a circle
     */
    public static StageGraph of(List<Stage> stages, Scope globals, Expander expander) {
        return of(stages, globals, expander, ContextNames.NONE);
    }

    /** The same for a build with named contexts. */
    public static StageGraph of(List<Stage> stages, Scope globals, Expander expander, ContextNames contexts) {
        if (stages.isEmpty()) {
            throw new DockerfileException(Code.EMPTY, "dockerfile contains no stages to build");
        }
        StageNames names = new StageNames(stages, expander, contexts);
        List<Source> bases = stages.stream().map(stage -> names.base(stage, globals)).toList();
        StageGraph graph = new StageGraph(List.copyOf(stages), names, bases);
        new Circles(graph.dependencies).refuse();
        return graph;
    }

    /**
     * The stage of that name in any case of letters, or the last one.
     *
     * @throws DockerfileException without a range, if there is no such stage
     */
    public Stage target(Optional<String> name) {
        if (name.isEmpty()) {
            return stages.getLast();
        }
        return names.find(name.get())
            .orElseThrow(() -> new DockerfileException(Code.STAGE,
                    Suggestion.append("target stage \"" + name.get() + "\" could not be found", name.get(),
                            stages.stream().map(Stage::displayName).toList())));
    }

    /**
     * The target and every stage it depends on, in the order of the file, which is an order in which they can be built.
     *
     * @throws DockerfileException if one of them takes files from a stage that comes later
     */
    public List<Stage> needed(Stage target) {
        BitSet needed = new BitSet(stages.size());
        Deque<Stage> open = new ArrayDeque<>(List.of(target));
        while (!open.isEmpty()) {
            Stage stage = open.pop();
            if (!needed.get(stage.index())) {
                needed.set(stage.index());
                if (base(stage) instanceof Source.OtherStage(Stage base)) {
                    open.push(base);
                }
                dependencies.get(stage.index()).forEach(dependency -> open.push(dependency.on()));
            }
        }
        List<Stage> ordered = needed.stream().mapToObj(stages::get).toList();
        ordered.forEach(this::refuseForward);
        return ordered;
    }

    private void refuseForward(Stage stage) {
        for (Dependency dependency : dependencies.get(stage.index())) {
            if (dependency.on().index() > stage.index()) {
                throw new DockerfileException(Code.STAGE, forward(dependency, stage), dependency.by().range(),
                        dependency.by().origin().text());
            }
        }
    }

    private static String forward(Dependency dependency, Stage stage) {
        String later = dependency.on().displayName();
        return dependency.by() instanceof Run
                ? "cannot mount from stage \"" + later + "\", stage needs to be defined before current command"
                : "cannot copy from stage \"" + later + "\", it needs to be defined before current stage \""
                        + stage.displayName() + "\"";
    }

    /** Whether a named context is taken for the stage, so that none of its instructions counts. */
    public boolean isReplaced(Stage stage) {
        return names.replacement(stage).isPresent();
    }

    /** What the stage starts from; never {@link Source.Context}. */
    public Source base(Stage stage) {
        return bases.get(stage.index());
    }

    public Source copySource(Copy copy) {
        return names.copySource(copy);
    }

    /** The context if the mount does not say {@code from}. */
    public Source mountSource(RunMount mount) {
        return names.mountSource(mount);
    }

    /**
     * How many steps the stage counts in its display: the pull of its base image, and every instruction that makes or may
     * make a layer.
     */
    public int steps(Stage stage) {
        boolean looksUp = base(stage) instanceof Source.Image || base(stage) instanceof Source.NamedContext;
        return (looksUp ? 1 : 0) + (int) stage.instructions().stream().filter(StageGraph::isStep).count();
    }

    /** Whether the instruction counts as a step: ADD, COPY, RUN and WORKDIR do. */
    public static boolean isStep(Instruction instruction) {
        return instruction instanceof Add || instruction instanceof Copy || instruction instanceof Run
                || instruction instanceof Workdir;
    }

    private List<Dependency> dependencies(Stage stage) {
        List<Dependency> found = new ArrayList<>();
        for (Instruction instruction : isReplaced(stage) ? List.<Instruction>of() : stage.instructions()) {
            for (Source source : sources(instruction)) {
                if (source instanceof Source.OtherStage(Stage other)) {
                    found.add(new Dependency(instruction, other));
                }
            }
        }
        return found;
    }

    private List<Source> sources(Instruction instruction) {
        if (instruction instanceof Copy copy) {
            return List.of(names.copySource(copy));
        }
        return instruction instanceof Run run ? run.mounts().stream().map(names::mountSource).toList() : List.of();
    }

}
