package dev.kiln.executor.worker;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.exchange.CacheProgress;
import dev.kiln.executor.exporter.Exporter;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.logging.LogFields;
import dev.kiln.executor.meter.ExecutorMeters;
import dev.kiln.executor.solver.SolveListener;
import dev.kiln.layercache.content.BlobIngester;
import dev.kiln.layercache.content.BlobWriter;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.Notice;
import dev.kiln.queue.event.PlainLog;
import dev.kiln.queue.job.BuildId;

/**
 * Tells the event log what an attempt does, and keeps the whole log of the attempt as a blob.
 *
 * <p>Output of steps is gathered for a moment, so that a step that prints line by line does not make an event of each;
 * it is never shortened. When the event log cannot keep up, it holds back the step that prints.
 *
 * <p>Safe for many threads. {@code this} guards the text log and the order of events, each step's buffer guards itself.
 */
final class AttemptReporter implements SolveListener, Exporter.PushListener, CacheProgress, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AttemptReporter.class);
    /** Longest piece of output in one event, in characters; at most four bytes each, below the event's limit. */
    private static final int PIECE = 16 * 1024;
    private static final Duration GATHER = Duration.ofMillis(40);
    private static final String LOG_TYPE = "text/plain; charset=utf-8";
    /** The last step that people see: it is no vertex of the graph, but takes its time like one. */
    private static final String EXPORT_NAME = "exporting to image";
    private static final Digest EXPORT = Digest.sha256(EXPORT_NAME.getBytes(StandardCharsets.UTF_8));

    private final EventLog events;
    private final BuildId build;
    private final String attempt;
    private final InstantSource clock;
    private final ExecutorMeters meters;
    /** Where the text goes; absent from the moment on that the disk does not take it. Guarded by this. */
    private Optional<TextLog> text;
    private final PlainLog plain = new PlainLog(this::write);
    private final Map<Digest, StepOutput> outputs = new ConcurrentHashMap<>();
    private final Thread flusher;
    private volatile Instant exporting = Instant.MIN;
    private final Set<Digest> added = ConcurrentHashMap.newKeySet();
    private final Set<Digest> completed = ConcurrentHashMap.newKeySet();

    /** A log as it is written, and the blob that it becomes. */
    private record TextLog(BlobWriter blob, Writer writer) {}

    AttemptReporter(EventLog events, BuildId build, String attempt, InstantSource clock, BlobIngester store,
            ExecutorMeters meters) {
        this.events = events;
        this.build = build;
        this.attempt = attempt;
        this.clock = clock;
        this.meters = meters;
        this.text = open(store);
        this.flusher = Thread.ofVirtual().name("log of " + build).start(LogFields.carry(this::flushNowAndThen));
    }

    /** A full disk is no reason not to build: the events have the log too. */
    private Optional<TextLog> open(BlobIngester store) {
        try {
            BlobWriter blob = store.newBlob();
            return Optional.of(new TextLog(blob,
                    new BufferedWriter(new OutputStreamWriter(blob, StandardCharsets.UTF_8), 64 * 1024)));
        } catch (IOException e) {
            LOG.warn("build={} its log is kept in the events only", build, e);
            return Optional.empty();
        }
    }

    String attempt() {
        return attempt;
    }

    Instant now() {
        return clock.instant();
    }

    /** Appends an event of this attempt to the event log and to the text. */
    synchronized void report(BuildEvent event) {
        plain.add(event);
        // A failed append reappears when the log is flushed before the final event.
        var _ = events.append(event);
    }

    /** Something found in the Dockerfile. */
    void notice(Notice notice) {
        report(new BuildEvent.Warning(build, now(), attempt, Optional.empty(), notice));
    }

    /** Steps that are told of already, because something before needed them, are not told again. */
    void graph(BuildGraph graph) {
        for (Vertex vertex : graph.vertices()) {
            if (!added.add(vertex.digest())) {
                continue;
            }
            report(new BuildEvent.VertexAdded(build, now(), attempt, vertex.digest(), vertex.name(),
                    vertex.inputs().stream().map(Vertex::digest).toList()));
        }
    }

    @Override
    public void begun(String name) {
        report(new BuildEvent.VertexAdded(build, now(), attempt, stage(name), name, List.of()));
        report(new BuildEvent.VertexStarted(build, now(), attempt, stage(name)));
    }

    @Override
    public void line(String name, String text) {
        report(new BuildEvent.VertexLog(build, now(), attempt, stage(name), 1, text + "\n"));
    }

    @Override
    public void ended(String name, Optional<String> error) {
        report(new BuildEvent.VertexCompleted(build, now(), attempt, stage(name), error));
    }

    private static Digest stage(String name) {
        return Digest.sha256(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The image is complete and goes out. */
    void exporting(List<ImageReference> names) {
        exporting = now();
        report(new BuildEvent.VertexAdded(build, now(), attempt, EXPORT, EXPORT_NAME, List.of()));
        report(new BuildEvent.VertexStarted(build, now(), attempt, EXPORT));
        names.forEach(name -> exportLine("pushing " + name));
    }

    /** @param error empty when all names are out */
    void exported(Optional<String> error) {
        meters.builds().pushed(Duration.between(exporting, now()), error.isEmpty());
        report(new BuildEvent.VertexCompleted(build, now(), attempt, EXPORT, error));
    }

    /** @param output of the request, from 0 */
    void exported(int output, Descriptor image, Optional<Digest> config) {
        report(new BuildEvent.Exported(build, now(), attempt, output, image, config));
    }

    @Override
    public void pushed(ImageReference name, Digest manifest) {
        report(new BuildEvent.Pushed(build, now(), attempt, name, manifest));
    }

    @Override
    public void failed(ImageReference name, String message) {
        exportLine(message);
    }

    private void exportLine(String line) {
        report(new BuildEvent.VertexLog(build, now(), attempt, EXPORT, 1, line + "\n"));
    }

    @Override
    public void started(Vertex vertex) {
        report(new BuildEvent.VertexStarted(build, now(), attempt, vertex.digest()));
    }

    @Override
    public void missed(Vertex vertex, CacheMiss miss) {
        report(new BuildEvent.VertexMissed(build, now(), attempt, vertex.digest(), miss));
    }

    @Override
    public void cached(Vertex vertex) {
        if (!completed.add(vertex.digest())) {
            return;
        }
        meters.vertices().cached(vertex);
        report(new BuildEvent.VertexCached(build, now(), attempt, vertex.digest()));
    }

    @Override
    public void completed(Vertex vertex, Optional<String> error) {
        StepOutput output = outputs.get(vertex.digest());
        if (output != null) {
            output.flush(true);
        }
        completed.add(vertex.digest());
        meters.vertices().completed(vertex, error.isEmpty());
        report(new BuildEvent.VertexCompleted(build, now(), attempt, vertex.digest(), error));
    }

    @Override
    public void log(Vertex vertex, int stream, byte[] bytes, int length) {
        outputs.computeIfAbsent(vertex.digest(), StepOutput::new).add(stream, bytes, length);
    }

    @Override
    public void warned(Vertex vertex, String rule, String message) {
        report(new BuildEvent.Warning(build, now(), attempt, Optional.of(vertex.digest()), Notice.of(rule, message)));
    }

    /** The last lines that a step printed. */
    List<String> tail(Digest vertex) {
        StepOutput output = outputs.get(vertex);
        return output == null ? List.of() : output.tail.lines();
    }

    /**
     * Ends the text with the outcome and keeps it. The event itself, which names the blob that this returns, is for the
     * caller to append; nothing may be reported afterwards.
     */
    synchronized Descriptor keepLog(BuildEvent.Final outcome) throws IOException {
        plain.add(outcome);
        TextLog kept = text
            .orElseThrow(() -> new IOException("the log of build " + build + " was too much for the disk"));
        kept.writer.flush();
        long size = kept.blob.written();
        return Descriptor.of(LOG_TYPE, kept.blob.commit(Optional.empty()), size);
    }

    private synchronized void write(String line) {
        if (text.isEmpty()) {
            return;
        }
        try {
            text.get().writer.write(line);
            text.get().writer.write('\n');
        } catch (IOException e) {
            LOG.warn("build={} its log is kept in the events only", build, e);
            discardText();
        }
    }

    private void discardText() {
        try {
            if (text.isPresent()) {
                text.get().blob.close();
            }
        } catch (IOException e) {
            LOG.warn("build={} a part of its log stays until the next start", build, e);
        }
        text = Optional.empty();
    }

    private void flushNowAndThen() {
        try {
            while (true) {
                Thread.sleep(GATHER);
                outputs.values().forEach(output -> output.flush(false));
            }
        } catch (InterruptedException _) {
            // The attempt is over; completed() has flushed what there was.
        }
    }

    /** Throws away what {@link #keepLog} did not keep. */
    @Override
    public synchronized void close() {
        flusher.interrupt();
        discardText();
    }

    /** What a step printed and no event carries yet. */
    private final class StepOutput {
        private final Digest vertex;
        private final LogTail tail = new LogTail();
        private final Utf8Decoder[] decoders = {new Utf8Decoder(), new Utf8Decoder()};
        private final StringBuilder pending = new StringBuilder();
        private int pendingStream = 1;

        StepOutput(Digest vertex) {
            this.vertex = vertex;
        }

        synchronized void add(int stream, byte[] bytes, int length) {
            take(stream, decoders[stream - 1].decode(bytes, length, false));
        }

        private void take(int stream, String piece) {
            if (stream != pendingStream) {
                send();
                pendingStream = stream;
            }
            tail.add(stream, piece);
            pending.append(piece);
            if (pending.length() >= PIECE) {
                send();
            }
        }

        synchronized void flush(boolean end) {
            if (end) {
                for (int stream = 1; stream <= 2; stream++) {
                    take(stream, decoders[stream - 1].decode(new byte[0], 0, true));
                }
            }
            send();
        }

        private void send() {
            for (int at = 0; at < pending.length();) {
                int to = Math.min(pending.length(), at + PIECE);
                if (to < pending.length() && Character.isHighSurrogate(pending.charAt(to - 1))) {
                    to--;
                }
                report(new BuildEvent.VertexLog(build, now(), attempt, vertex, pendingStream,
                        pending.substring(at, to)));
                at = to;
            }
            pending.setLength(0);
        }
    }
}
