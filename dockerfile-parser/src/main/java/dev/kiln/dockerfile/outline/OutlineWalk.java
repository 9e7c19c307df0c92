package dev.kiln.dockerfile.outline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import dev.kiln.dockerfile.Dockerfile;
import dev.kiln.dockerfile.expand.Expander;
import dev.kiln.dockerfile.expand.Expansion;
import dev.kiln.dockerfile.expand.Scope;
import dev.kiln.dockerfile.instruction.Arg;
import dev.kiln.dockerfile.instruction.Copy;
import dev.kiln.dockerfile.instruction.Instruction;
import dev.kiln.dockerfile.instruction.Run;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.Source;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;

/** Goes from a target to the stages it needs, the nearest first, and gathers what each declares. */
final class OutlineWalk {

    /** An argument, and the names that its default value asked for. */
    record Known(Outline.Argument argument, Set<String> asksFor) {}

    private final Dockerfile file;
    private final Expander expander;
    private final Map<String, String> requested;
    private final Scope globals;
    private final Map<String, Known> known;
    private final StageGraph graph;
    private final Map<Integer, StageOutline> stages = new HashMap<>();

    OutlineWalk(Dockerfile file, Map<String, String> requested, Map<String, String> predefined) {
        this.file = file;
        this.expander = file.expander();
        this.requested = requested;
        this.globals = GlobalArguments.evaluate(file.globalArguments(), predefined, requested, expander);
        this.known = known(predefined);
        this.graph = StageGraph.of(file.stages(), globals, expander);
    }

    Expander expander() {
        return expander;
    }

    Map<String, String> requested() {
        return requested;
    }

    Scope globals() {
        return globals;
    }

    Map<String, Known> known() {
        return known;
    }

    /** The declarations before the first FROM, in order: each sees those before it. */
    private Map<String, Known> known(Map<String, String> predefined) {
        Map<String, String> values = new LinkedHashMap<>(predefined);
        values.replaceAll((name, value) -> requested.getOrDefault(name, value));
        Map<String, Known> found = new LinkedHashMap<>();
        for (Arg arg : file.globalArguments()) {
            for (Arg.Declaration declaration : arg.declarations()) {
                Known one = known(arg, declaration, values, found);
                one.argument().value().ifPresent(value -> values.put(declaration.name(), value));
                found.put(declaration.name(), one);
            }
        }
        return found;
    }

    private Known known(Arg arg, Arg.Declaration declaration, Map<String, String> values, Map<String, Known> before) {
        String name = declaration.name();
        Set<String> asksFor = new LinkedHashSet<>();
        Optional<String> value = Optional.ofNullable(requested.get(name));
        if (value.isEmpty() && declaration.defaultValue().isPresent()) {
            Expansion expansion = expand(declaration.defaultValue().get(), Scope.of(values), arg);
            value = Optional.of(expansion.text());
            asksFor.addAll(expansion.used());
            if (asksFor.remove(name)) {
                Optional.ofNullable(before.get(name)).ifPresent(earlier -> asksFor.addAll(earlier.asksFor()));
            }
        }
        return new Known(new Outline.Argument(name, declaration.description(), value, arg.range()), asksFor);
    }

    private Expansion expand(String raw, Scope scope, Instruction by) {
        try {
            return expander.expand(raw, scope);
        } catch (DockerfileException failed) {
            throw failed.at(by.range(), by.origin().text());
        }
    }

    Outline outline(Optional<String> name) {
        Stage target = graph.target(name);
        graph.needed(target).forEach(stage -> stages.put(stage.index(), read(stage)));
        List<StageOutline> nearestFirst = nearestFirst(target).stream().map(s -> stages.get(s.index())).toList();
        return new Outline(target.name(), Descriptions.of(target), arguments(nearestFirst),
                accesses(nearestFirst, stage -> stage.secrets), accesses(nearestFirst, stage -> stage.ssh));
    }

    private StageOutline read(Stage stage) {
        Optional<StageOutline> base = graph.base(stage) instanceof Source.OtherStage(Stage other)
                ? Optional.ofNullable(stages.get(other.index()))
                : Optional.empty();
        StageOutline outline = new StageOutline(this, base);
        outline.used.addAll(expand(stage.from().image(), globals, stage.from()).used());
        stage.from()
            .platform()
            .ifPresent(platform -> outline.used.addAll(expand(platform, globals, stage.from()).used()));
        outline.read(stage.instructions());
        return outline;
    }

    /** The stage, what it starts from, and then what it takes files from, each before what those need. */
    private List<Stage> nearestFirst(Stage target) {
        Set<Stage> found = new LinkedHashSet<>();
        Deque<Stage> open = new ArrayDeque<>(List.of(target));
        while (!open.isEmpty()) {
            Stage stage = open.pop();
            if (found.add(stage)) {
                List<Stage> next = new ArrayList<>();
                add(graph.base(stage), next);
                stage.instructions().forEach(instruction -> sources(instruction).forEach(s -> add(s, next)));
                next.reversed().forEach(open::push);
            }
        }
        return List.copyOf(found);
    }

    private List<Source> sources(Instruction instruction) {
        return switch (instruction) {
            case Copy copy -> List.of(graph.copySource(copy));
            case Run run -> run.mounts().stream().map(graph::mountSource).toList();
            default -> List.of();
        };
    }

    private static void add(Source source, List<Stage> to) {
        if (source instanceof Source.OtherStage(Stage stage)) {
            to.add(stage);
        }
    }

    private static List<Outline.Argument> arguments(List<StageOutline> nearestFirst) {
        Map<String, Outline.Argument> found = new LinkedHashMap<>();
        for (StageOutline stage : nearestFirst) {
            for (String name : withAllThatTheyAskFor(stage)) {
                Optional.ofNullable(stage.known.get(name))
                    .ifPresent(one -> found.putIfAbsent(name, one.argument()));
            }
        }
        return found.values().stream().sorted(Comparator.comparingInt(a -> a.range().startLine())).toList();
    }

    private static Set<String> withAllThatTheyAskFor(StageOutline stage) {
        Set<String> all = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(stage.used);
        while (!open.isEmpty()) {
            String name = open.pop();
            if (all.add(name) && stage.known.containsKey(name)) {
                open.addAll(stage.known.get(name).asksFor());
            }
        }
        return all;
    }

    private static List<Outline.Access> accesses(List<StageOutline> nearestFirst,
            Function<StageOutline, Map<String, Outline.Access>> kind) {
        Map<String, Outline.Access> found = new LinkedHashMap<>();
        nearestFirst.forEach(stage -> kind.apply(stage).forEach(found::putIfAbsent));
        return found.values().stream().sorted(Comparator.comparingInt(a -> a.range().startLine())).toList();
    }
}
