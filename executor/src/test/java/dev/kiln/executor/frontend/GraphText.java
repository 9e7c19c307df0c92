package dev.kiln.executor.frontend;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.OpSpec;
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
        text.line("target " + text.numbers.get(graph.target()));
        text.lines("proxy", graph.proxyEnv());
        text.image(graph.image());
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
                + (vertex.noCache() ? " no-cache" : "") + "  " + vertex.name());
        switch (vertex.op()) {
            case OpSpec.Image image -> {
                line("  image " + image.reference());
                line("  layers " + image.layers().size());
            }
            case OpSpec.Scratch _ -> line("  scratch");
            case OpSpec.Context context -> line("  context of " + context.size() + " bytes");
            case OpSpec.Run run -> run(run);
            case OpSpec.Copy copy -> {
                line("  copy " + copy.sources() + " to " + copy.destination());
                line("  owner " + copy.owner().orElse(copy.resetOwner() ? "0:0" : "kept"));
            }
            case OpSpec.MakeDirectory made -> line("  mkdir " + made.path() + " owner " + made.owner().orElse("root"));
        }
    }

    private void run(OpSpec.Run run) {
        lines("arg", run.args());
        lines("env", run.env());
        line("  in " + run.cwd() + " as " + (run.user().isEmpty() ? "root" : run.user()) + " network " + run.network());
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
