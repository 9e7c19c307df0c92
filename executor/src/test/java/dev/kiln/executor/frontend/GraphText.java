package dev.kiln.executor.frontend;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;

/** A graph as text that stays the same as long as the graph means the same; digests of vertices are not part of it. */
final class GraphText {
    private final StringBuilder out = new StringBuilder();
    private final Map<Vertex, String> numbers = new HashMap<>();

    static String of(BuildGraph graph) {
        GraphText text = new GraphText();
        graph.vertices().forEach(text::vertex);
        graph.targets().forEach(target -> text.line("target " + text.numbers.get(target.vertex())));
        text.lines("proxy", graph.proxyEnv());
        graph.targets().forEach(target -> text.image(target.image()));
        return text.out.toString();
    }

    private void line(String text) {
        out.append(text.replace("\n", "\\n")).append('\n');
    }

    private void lines(String name, List<String> values) {
        values.forEach(value -> line("  " + name + " " + value));
    }

    private void vertex(Vertex vertex) {
        numbers.put(vertex, "v" + (numbers.size() + 1));
        line(numbers.get(vertex) + vertex.inputs().stream().map(i -> " <" + numbers.get(i)).reduce("", String::concat)
                + freshness(vertex.freshness()) + "  " + vertex.name());
        switch (vertex.op()) {
            case OpSpec.Image image -> {
                line("  image " + image.reference());
                line("  layers " + image.layers().size());
            }
            case OpSpec.Scratch _ -> line("  scratch");
            case OpSpec.Context context -> line("  context of " + context.size() + " bytes");
            case OpSpec.Run run -> run(run);
            case OpSpec.Copy copy -> copy(copy);
            case OpSpec.Merge _ -> line("  merge");
            case OpSpec.Git git -> line("  git " + git);
            case OpSpec.Http http -> line("  http " + http);
            case OpSpec.MakeDirectory made -> line("  mkdir " + made.path() + " owner " + made.owner().orElse("root"));
        }
    }

    private static String freshness(Freshness freshness) {
        return switch (freshness) {
            case Freshness.Any() -> "";
            case Freshness.Never(var wish) -> " no-cache" + (wish == Freshness.Wish.COMMENT ? " by comment" : "");
            case Freshness.Within(var ttl) -> " ttl " + ttl;
        };
    }

    private void run(OpSpec.Run run) {
        lines("arg", run.args());
        lines("env", run.env());
        line("  in " + run.cwd() + " as " + (run.user().isEmpty() ? "root" : run.user()) + " network "
                + run.sandbox().network());
        if (!run.sandbox().equals(Sandbox.of(run.sandbox().network()))) {
            line("  sandbox " + run.sandbox());
        }
        run.mounts().forEach(mount -> line("  mount " + mount));
    }

    private void copy(OpSpec.Copy copy) {
        boolean plain = copy.items()
            .stream()
            .allMatch(item -> item instanceof CopyItem.Paths paths
                    && paths.equals(CopyItem.Paths.of(1, paths.path())));
        List<CopyItem.Paths> paths = copy.items()
            .stream()
            .filter(CopyItem.Paths.class::isInstance)
            .map(CopyItem.Paths.class::cast)
            .toList();
        line("  copy " + (plain ? paths.stream().map(CopyItem.Paths::path).toList() : copy.items()) + " to "
                + copy.destination());
        line("  owner " + copy.owner().orElse("kept"));
        copy.mode().ifPresent(mode -> line("  mode " + mode));
        lines("exclude", copy.excludes());
        if (copy.ownersFromLast()) {
            line("  owners from the last input");
        }
    }

    private void image(ImageConfig image) {
        RunConfig run = image.config();
        line("image " + image.platform() + image.created().map(c -> " created " + c).orElse("")
                + image.author().map(a -> " by " + a).orElse("") + " base layers " + image.layers().size());
        lines("env", run.env());
        run.entrypoint().ifPresent(words -> line("  entrypoint " + GoText.quoted(words)));
        run.cmd()
            .ifPresent(words -> line("  cmd " + GoText.quoted(words)
                    + (run.argsEscaped() ? " (escaped)" : "")));
        line("  workdir \"" + run.workingDir() + "\" user \"" + run.user() + "\"");
        run.labels().forEach((name, value) -> line("  label " + name + "=" + value));
        lines("port", run.exposedPorts());
        lines("volume", run.volumes());
        run.stopSignal().ifPresent(signal -> line("  stop " + signal));
        if (!run.shell().isEmpty()) {
            line("  shell " + run.shell());
        }
        lines("onbuild", run.onBuild());
        run.healthcheck().ifPresent(check -> line("  health " + check.test()));
        run.raw().forEach((name, value) -> line("  raw " + name + "=" + value));
        image.history().forEach(this::history);
    }

    private void history(History entry) {
        line("  " + (entry.emptyLayer() ? "  " : "+ ") + entry.created().map(t -> t + " ").orElse("")
                + entry.createdBy() + entry.comment().map(c -> "  (" + c + ")").orElse(""));
    }
}
