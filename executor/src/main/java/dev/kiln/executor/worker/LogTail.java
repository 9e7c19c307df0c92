package dev.kiln.executor.worker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import dev.kiln.queue.event.LineJoiner;

/** The last lines of a step's output, both streams in the order they came; for the message of a failure. */
final class LogTail {
    private static final int LINES = 10;
    private static final int LONGEST = 500;
    private final LineJoiner[] streams = {new LineJoiner(), new LineJoiner()};
    private final Deque<String> lines = new ArrayDeque<>();

    synchronized void add(int stream, String text) {
        streams[stream - 1].add(text, this::keep);
    }

    private void keep(String line) {
        lines.addLast(line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line);
        if (lines.size() > LINES) {
            lines.removeFirst();
        }
    }

    synchronized List<String> lines() {
        for (LineJoiner stream : streams) {
            stream.end(this::keep);
        }
        return List.copyOf(lines);
    }
}
