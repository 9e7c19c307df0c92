package dev.kiln.cli.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.LineJoiner;
import dev.kiln.queue.event.Notice;

/**
 * A block at the foot of the terminal that is drawn anew as the build goes on: one line for each step, and under a
 * running step the last lines of its log.
 *
 * <p>When the block would not fit, the steps that ended first are left out of it. A thread of its own draws, ten times
 * a second; all state is guarded by this object.
 */
public final class TtyProgress implements Progress {
    private static final int LOG_LINES = 6;
    private static final Duration REDRAW = Duration.ofMillis(100);

    private final PrintStream out;
    private final int columns;
    private final int rows;
    private final InstantSource clock;
    private final Map<Digest, Step> steps = new LinkedHashMap<>();
    private final Instant begun;
    private final Thread painter;
    private String headline = "Building";
    private int drawn;

    private static final class Step {
        final String name;
        final Deque<String> tail = new ArrayDeque<>();
        final LineJoiner joiner = new LineJoiner();
        Optional<Instant> started = Optional.empty();
        Optional<Instant> ended = Optional.empty();
        boolean cached;
        boolean failed;

        Step(String name) {
            this.name = name;
        }

        void keep(String line) {
            tail.addLast(line);
            if (tail.size() > LOG_LINES) {
                tail.removeFirst();
            }
        }

        boolean running() {
            return started.isPresent() && ended.isEmpty();
        }
    }

    public TtyProgress(PrintStream out, int columns, int rows, InstantSource clock) {
        this.out = out;
        this.columns = Math.max(40, columns);
        this.rows = Math.max(6, rows);
        this.clock = clock;
        this.begun = clock.instant();
        this.painter = Thread.ofVirtual().start(this::paint);
    }

    private void paint() {
        try {
            while (true) {
                Thread.sleep(REDRAW);
                draw();
            }
        } catch (InterruptedException e) {
            draw();
        }
    }

    @Override
    public synchronized void show(BuildEvent event, String json) {
        switch (event) {
            case BuildEvent.Queued _,BuildEvent.VertexMissed _,BuildEvent.Publishing _,BuildEvent.Exported _ -> {
            }
            case BuildEvent.CancelRequested _ -> headline = "Cancelling";
            case BuildEvent.Started started -> {
                steps.clear();
                headline = started.delivery() > 1 ? "Building (attempt " + started.delivery() + ")" : "Building";
            }
            case BuildEvent.VertexAdded added -> steps.put(added.vertex(), new Step(added.name()));
            case BuildEvent.VertexStarted started -> step(started.vertex()).started = Optional.of(started.at());
            case BuildEvent.VertexCached cached -> {
                Step step = step(cached.vertex());
                step.cached = true;
                step.started = Optional.of(cached.at());
                step.ended = Optional.of(cached.at());
            }
            case BuildEvent.VertexCompleted completed -> {
                Step step = step(completed.vertex());
                step.joiner.end(step::keep);
                step.started = step.started.or(() -> Optional.of(completed.at()));
                step.ended = Optional.of(completed.at());
                step.failed = completed.error().isPresent();
            }
            case BuildEvent.VertexLog log -> {
                Step step = step(log.vertex());
                step.joiner.add(log.text(), step::keep);
            }
            case BuildEvent.Warning warning -> warn(warning.notice());
            case BuildEvent.Pushed pushed -> above("pushed " + pushed.name() + " " + pushed.manifest());
            case BuildEvent.Succeeded _ -> headline = "Built";
            case BuildEvent.Failed _ -> headline = "Failed";
            case BuildEvent.Cancelled _ -> headline = "Cancelled";
        }
    }

    private void warn(Notice notice) {
        above("WARNING: " + notice.headline());
        notice.detail().forEach(this::above);
        notice.url().ifPresent(url -> above("More info: " + url));
    }

    private Step step(Digest vertex) {
        return steps.computeIfAbsent(vertex, v -> new Step(v.toString()));
    }

    /** Prints a line that stays, over the block. */
    private void above(String text) {
        erase();
        out.println(Printable.line(text));
        out.flush();
    }

    private void erase() {
        if (drawn > 0) {
            out.print("\u001b[" + drawn + "A\u001b[J");
            drawn = 0;
        }
    }

    private synchronized void draw() {
        List<String> lines = lines();
        erase();
        lines.forEach(out::println);
        out.flush();
        drawn = lines.size();
    }

    private List<String> lines() {
        Instant now = clock.instant();
        List<String> body = new ArrayList<>();
        List<Step> shown = steps.values().stream().filter(s -> s.started.isPresent()).toList();
        int room = rows - 2 - shown.stream().filter(Step::running).mapToInt(s -> 1 + s.tail.size()).sum();
        long over = Math.max(0, shown.stream().filter(s -> !s.running()).count() - room);
        for (Step step : shown) {
            if (!step.running() && over > 0) {
                over--;
                continue;
            }
            body.add(row(step, now));
            if (step.running()) {
                step.tail.forEach(line -> body.add(fit(" => => # " + Printable.line(line), columns - 1)));
            }
        }
        long ended = steps.values().stream().filter(s -> s.ended.isPresent()).count();
        String head = String.format(Locale.ROOT, "[+] %s %.1fs (%d/%d)", headline, since(begun, now), ended,
                steps.size());
        return Stream.concat(Stream.of(fit(head, columns - 1)), body.stream().limit(rows - 2)).toList();
    }

    private String row(Step step, Instant now) {
        String time = String.format(Locale.ROOT, "%.1fs",
                since(step.started.orElse(now), step.ended.orElse(now)));
        String mark = step.failed ? " => ERROR " : step.cached ? " => CACHED " : " => ";
        String text = fit(mark + Printable.line(step.name), columns - time.length() - 2);
        String line = text + " ".repeat(Math.max(1, columns - 1 - text.length() - time.length())) + time;
        String colour = step.failed ? "\u001b[31m" : step.ended.isPresent() ? "\u001b[34m" : "";
        return colour.isEmpty() ? line : colour + line + "\u001b[0m";
    }

    private static String fit(String text, int width) {
        return text.length() <= width ? text : text.substring(0, Math.max(0, width - 3)) + "...";
    }

    private static double since(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toNanos()) / 1e9;
    }

    @Override
    public void close() {
        painter.interrupt();
        boolean interrupted = false;
        while (true) {
            try {
                painter.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
