package dev.kiln.queue.event;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import dev.kiln.layercache.oci.Digest;

/**
 * A build's events as lines of text, each with the number of its step, in the form of BuildKit's plain progress.
 *
 * <p>This is the form of the whole log that a finished build keeps, of the log that the API serves while a build runs,
 * and of what the command line prints: the same events give the same text. Text of steps is passed on as it is, control
 * characters included. For one build and one thread.
 */
public final class PlainLog {
    private final Consumer<String> line;
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

    /** @param line takes each line, without its end */
    public PlainLog(Consumer<String> line) {
        this.line = line;
    }

    /** Takes the next event of the build. A new attempt begins the log anew, so the caller drops what it has of the old. */
    public void add(BuildEvent event) {
        switch (event) {
            case BuildEvent.Queued _,BuildEvent.CancelRequested _,BuildEvent.Publishing _ -> {
            }
            case BuildEvent.Exported _,BuildEvent.Succeeded _ -> {
            }
            case BuildEvent.Started started -> restart(started);
            case BuildEvent.VertexAdded added -> steps.put(added.vertex(), new Step(added.name()));
            case BuildEvent.VertexStarted started -> begin(step(started.vertex()), started.at());
            case BuildEvent.VertexMissed missed -> CacheMissText.headline(missed.miss())
                .ifPresent(why -> emit(begin(step(missed.vertex()), missed.at()), "why: " + why));
            case BuildEvent.VertexCached cached -> emit(begin(step(cached.vertex()), cached.at()), "CACHED");
            case BuildEvent.VertexCompleted completed -> end(step(completed.vertex()), completed);
            case BuildEvent.VertexLog log -> log(step(log.vertex()), log);
            case BuildEvent.Warning warning -> warn(warning.notice());
            case BuildEvent.Pushed pushed -> outside("pushed " + pushed.name() + " " + pushed.manifest());
            case BuildEvent.Failed failed -> outside("ERROR: " + failed.message());
            case BuildEvent.Cancelled cancelled -> outside("CANCELLED: " + cancelled.reason());
        }
    }

    private void restart(BuildEvent.Started started) {
        steps.clear();
        numbered = 0;
        last = 0;
        if (started.delivery() > 1) {
            outside("attempt " + started.delivery() + " on " + started.worker());
        }
    }

    private void warn(Notice notice) {
        outside("WARNING: " + notice.headline());
        notice.detail().forEach(this::outside);
        notice.url().ifPresent(url -> outside("More info: " + url));
    }

    private Step step(Digest vertex) {
        return steps.computeIfAbsent(vertex, v -> new Step(v.toString()));
    }

    private Step begin(Step step, Instant at) {
        if (step.number == 0) {
            step.number = ++numbered;
            step.started = at;
            emit(step, step.name);
        }
        return step;
    }

    private void log(Step step, BuildEvent.VertexLog log) {
        begin(step, log.at());
        String time = seconds(step.started, log.at(), "%.3f");
        step.streams[log.stream() - 1].add(log.text(), text -> emit(step, time + " " + text));
    }

    private void end(Step step, BuildEvent.VertexCompleted completed) {
        begin(step, completed.at());
        for (LineJoiner stream : step.streams) {
            stream.end(text -> emit(step, seconds(step.started, completed.at(), "%.3f") + " " + text));
        }
        Optional<String> error = completed.error();
        emit(step, error.isPresent()
                ? "ERROR: " + error.get()
                : "DONE " + seconds(step.started, completed.at(), "%.1f") + "s");
    }

    private void emit(Step step, String text) {
        if (last != step.number && last != 0) {
            line.accept("");
        }
        last = step.number;
        line.accept("#" + step.number + " " + text);
    }

    private void outside(String text) {
        if (last != 0) {
            line.accept("");
            last = 0;
        }
        line.accept(text);
    }

    private static String seconds(Instant from, Instant to, String form) {
        return String.format(Locale.ROOT, form, Math.max(0, Duration.between(from, to).toNanos()) / 1e9);
    }
}
