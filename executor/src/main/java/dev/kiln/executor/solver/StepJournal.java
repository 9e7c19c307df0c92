package dev.kiln.executor.solver;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.queue.event.CacheMiss;

/**
 * Tells the builds that share a step what happens to it, and tells those that join later what they missed. Each of them
 * hears everything, in order. Safe for many threads.
 */
final class StepJournal implements Op.StepLog {
    /** Whatever a step comes upon a thousand times, nobody reads. */
    private static final int MAX_WARNINGS = 100;

    private final List<Hearer> hearers = new ArrayList<>();
    private final List<Warning> warnings = new ArrayList<>();
    private final LogSpool log;
    private boolean cached;
    private boolean started;
    private @Nullable CacheMiss missed;
    private @Nullable Optional<String> completed;

    StepJournal(Path directory) {
        log = new LogSpool(directory);
    }

    private record Warning(String rule, String message) {}

    /** A vertex of a build, whose listener hears of the step. */
    static final class Hearer {
        final Build build;
        final Vertex vertex;
        private boolean started;
        private boolean completed;

        Hearer(Build build, Vertex vertex) {
            this.build = build;
            this.vertex = vertex;
        }

        private void tell(BiConsumer<SolveListener, Vertex> news) {
            build.tell(listener -> news.accept(listener, vertex));
        }

        private void started() {
            started = true;
            tell(SolveListener::started);
        }

        private void missed(CacheMiss miss) {
            tell((listener, v) -> listener.missed(v, miss));
        }

        private void completed(Optional<String> error) {
            completed = true;
            tell((listener, v) -> listener.completed(v, error));
        }

        private void log(int stream, byte[] bytes, int length) {
            tell((listener, v) -> listener.log(v, stream, bytes, length));
        }

        private void warned(Warning warning) {
            tell((listener, v) -> listener.warned(v, warning.rule, warning.message));
        }
    }

    synchronized void attach(Hearer hearer) {
        hearers.add(hearer);
        if (cached) {
            hearer.tell(SolveListener::cached);
        }
        if (started) {
            hearer.started();
            if (missed != null) {
                hearer.missed(missed);
            }
            log.replay(hearer::log);
            warnings.forEach(hearer::warned);
        }
        if (completed != null) {
            hearer.completed(completed);
        }
    }

    /** Afterwards the hearer hears nothing more; one that heard of a start hears of an end before. */
    synchronized void detach(Hearer hearer) {
        if (hearers.remove(hearer) && hearer.started && !hearer.completed) {
            hearer.completed(Optional.of("cancelled"));
        }
    }

    synchronized void cached() {
        cached = true;
        hearers.forEach(hearer -> hearer.tell(SolveListener::cached));
    }

    synchronized void started() {
        started = true;
        hearers.forEach(Hearer::started);
    }

    /** Why it started. */
    synchronized void missed(CacheMiss miss) {
        missed = miss;
        hearers.forEach(hearer -> hearer.missed(miss));
    }

    @Override
    public synchronized void write(int stream, byte[] bytes, int length) {
        log.append(stream, bytes, length);
        hearers.forEach(hearer -> hearer.log(stream, bytes, length));
    }

    @Override
    public synchronized void warning(String rule, String message) {
        if (warnings.size() < MAX_WARNINGS) {
            Warning warning = new Warning(rule, message);
            warnings.add(warning);
            hearers.forEach(hearer -> hearer.warned(warning));
        }
    }

    synchronized void completed(Optional<String> error) {
        completed = error;
        hearers.forEach(hearer -> hearer.completed(error));
    }

    /** Completed with an error, whether or not it came to the start. */
    synchronized void failed(String error) {
        if (!started) {
            started();
        }
        completed(Optional.of(error));
    }

    /** Nobody will join any more. */
    synchronized void close() {
        log.close();
    }
}
