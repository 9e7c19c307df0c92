package dev.kiln.executor.solver;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMissText;

/** Writes down what it hears, a line for each event. */
final class RecordingListener implements SolveListener {
    private final List<String> lines = new ArrayList<>();

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    synchronized List<String> of(String vertex) {
        return lines.stream()
            .filter(line -> line.startsWith(vertex + ": "))
            .map(l -> l.substring(vertex.length() + 2))
            .toList();
    }

    private synchronized void add(Vertex vertex, String event) {
        lines.add(vertex.name() + ": " + event);
    }

    @Override
    public void started(Vertex vertex) {
        add(vertex, "started");
    }

    @Override
    public void missed(Vertex vertex, CacheMiss miss) {
        CacheMissText.lines(miss).forEach(line -> add(vertex, "why " + line));
    }

    @Override
    public void cached(Vertex vertex) {
        add(vertex, "cached");
    }

    @Override
    public void completed(Vertex vertex, Optional<String> error) {
        add(vertex, error.map(e -> "failed " + e).orElse("completed"));
    }

    @Override
    public void warned(Vertex vertex, String rule, String message) {
        add(vertex, "warned " + rule + " " + message);
    }

    @Override
    public void log(Vertex vertex, int stream, byte[] bytes, int length) {
        add(vertex, "log " + new String(bytes, 0, length, StandardCharsets.UTF_8).strip());
    }
}
