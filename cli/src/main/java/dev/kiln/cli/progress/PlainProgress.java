package dev.kiln.cli.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.BuildEvent;

/**
 * A line for everything that happens, each with the number of its step, in the form of BuildKit's plain progress: it can
 * be kept in a file and read by the tools that read that.
 */
public final class PlainProgress implements Progress {
    private final PrintStream out;
    private final Map<Digest, Step> steps = new HashMap<>();
    private int numbered;
    private int last;

    private static final class Step {
        final String name;
        final LineJoiner[] streams = {new LineJoiner(), new LineJoiner()};
        int number;
        Instant started = Instant.EPOCH;

        Step(String name) {
            this.name = name;
        }
    }

    public PlainProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void show(BuildEvent event, String json) {
        switch (event) {
            case BuildEvent.Queued _, BuildEvent.Publishing _ -> {}
            case BuildEvent.Started started -> restart(started);
            case BuildEvent.VertexAdded added -> steps.put(added.vertex(), new Step(added.name()));
            case BuildEvent.VertexStarted started -> begin(step(started.vertex()), started.at());
            case BuildEvent.VertexCached cached -> line(begin(step(cached.vertex()), cached.at()), "CACHED");
            case BuildEvent.VertexCompleted completed -> end(step(completed.vertex()), completed);
            case BuildEvent.VertexLog log -> log(step(log.vertex()), log);
            case BuildEvent.Warning warning -> out.println("WARNING: " + Printable.line(warning.message()));
            case BuildEvent.Pushed pushed -> out.println("pushed " + pushed.name() + " " + pushed.manifest());
            case BuildEvent.Final _ -> out.flush();
        }
        out.flush();
    }

    private void restart(BuildEvent.Started started) {
        steps.clear();
        numbered = 0;
        last = 0;
        if (started.delivery() > 1) {
            out.println("attempt " + started.delivery() + " on " + started.worker());
        }
    }

    private Step step(Digest vertex) {
        return steps.computeIfAbsent(vertex, v -> new Step(v.toString()));
    }

    private Step begin(Step step, Instant at) {
        if (step.number == 0) {
            step.number = ++numbered;
            step.started = at;
            line(step, Printable.line(step.name));
        }
        return step;
    }

    private void log(Step step, BuildEvent.VertexLog log) {
        begin(step, log.at());
        String time = seconds(step.started, log.at());
        step.streams[log.stream() - 1].add(log.text(), text -> line(step, time + " " + Printable.line(text)));
    }

    private void end(Step step, BuildEvent.VertexCompleted completed) {
        begin(step, completed.at());
        for (LineJoiner stream : step.streams) {
            stream.end(text -> line(step, seconds(step.started, completed.at()) + " " + Printable.line(text)));
        }
        Optional<String> error = completed.error();
        line(step, error.isPresent()
                ? "ERROR: " + Printable.line(error.get())
                : "DONE " + String.format(Locale.ROOT, "%.1fs", since(step.started, completed.at())));
    }

    private void line(Step step, String text) {
        if (last != step.number && last != 0) {
            out.println();
        }
        last = step.number;
        out.println("#" + step.number + " " + text);
    }

    private static String seconds(Instant from, Instant to) {
        return String.format(Locale.ROOT, "%.3f", since(from, to));
    }

    private static double since(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toNanos()) / 1e9;
    }

    @Override
    public void close() {
        out.flush();
    }
}
