package dev.kiln.executor.history;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.kiln.executor.graph.StepOrigin;
import dev.kiln.executor.history.Shelf.Bounds;
import dev.kiln.executor.solver.StepFacts;
import dev.kiln.executor.solver.StepHistory;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.CacheMiss;

/*
 * Which results are of the same step.
 *
 * An instruction is known by its text as it is written, variables and all: so another value of an argument, another base
 * or other files leave it the same step, and so do lines that come before it. Its records stand in one file, whatever
 * file of instructions it was in; of those, the ones of the same project count, or of the same stage where the project of
 * either is not known.
 *
 * An instruction that was itself rewritten has no records under its new text. For that there is, for each stage of each
 * project, the list of texts that it had: one that is gone from the file now, and has at least half of its words in
 * common with the new text, is taken for its former self.
 */

/** Records of steps on disk, bounded in number, size and age. */
public final class DiskStepHistory implements StepHistory, AutoCloseable {
    private static final Bounds BOUNDS = new Bounds(128L << 20, 10_000, Duration.ofDays(30));
    private static final int MOST_OF_A_STEP = 64;
    private static final int MOST_OF_A_PROJECT = 8;
    private static final int MOST_TEXTS = 200;
    private static final double LIKE = 0.5;

    private final Shelf shelf;
    private final FileLists lists;

    private DiskStepHistory(Shelf shelf, FileLists lists) {
        this.shelf = shelf;
        this.lists = lists;
    }

    /**
     * Opens the history at {@code directory}, making it when it is not there.
     *
     * @param lists stays open when this is closed
     */
    public static DiskStepHistory open(Path directory, FileLists lists, InstantSource clock) throws IOException {
        return new DiskStepHistory(Shelf.open(directory, BOUNDS, clock.instant()), lists);
    }

    @Override
    public Optional<CacheMiss> explain(StepFacts step) {
        StepOrigin origin = step.vertex().origin();
        Comparison comparison = new Comparison(step, lists);
        Optional<StepRecord> nearest = comparison.nearest(records(origin.text(), record -> isOf(origin, record)));
        if (nearest.isEmpty()) {
            nearest = formerText(step)
                .flatMap(text -> comparison.nearest(records(text, record -> isOf(origin, record))));
        }
        return Optional.of(nearest.map(comparison::explain).orElseGet(CacheMiss.First::new));
    }

    private List<StepRecord> records(String text, Predicate<StepRecord> wanted) {
        return read(recordsOf(text), RecordCodec::records).stream().filter(wanted).toList();
    }

    private static boolean isOf(StepOrigin origin, StepRecord record) {
        String project = StepRecord.clip(origin.project());
        boolean known = !project.isEmpty() && !record.project().isEmpty();
        return known ? project.equals(record.project()) : record.stage().equals(StepRecord.clip(origin.stage()));
    }

    private Optional<String> formerText(StepFacts step) {
        StepOrigin origin = step.vertex().origin();
        return read(textsOf(origin), RecordCodec::texts).stream()
            .filter(text -> !step.instructions().contains(text) && Comparison.likeness(text, origin.text()) >= LIKE)
            .min(Comparator.comparingDouble(text -> -Comparison.likeness(text, origin.text())));
    }

    @Override
    public synchronized void add(StepFacts step, Instant made) {
        StepOrigin origin = step.vertex().origin();
        addRecord(origin, StepRecord.of(step, made));
        addText(origin);
    }

    private void addRecord(StepOrigin origin, StepRecord record) {
        List<StepRecord> kept = new ArrayList<>(List.of(record));
        int ofProject = 1;
        for (StepRecord old : read(recordsOf(origin.text()), RecordCodec::records)) {
            boolean same = old.project().equals(record.project());
            if (kept.size() < MOST_OF_A_STEP && !old.isOfTheSame(record)
                    && !(same && ++ofProject > MOST_OF_A_PROJECT)) {
                kept.add(old);
            }
        }
        shelf.put(recordsOf(origin.text()), RecordCodec.records(kept));
    }

    /** The newest first. */
    private void addText(StepOrigin origin) {
        String name = textsOf(origin);
        List<String> texts = read(name, RecordCodec::texts);
        if (texts.isEmpty() || !texts.contains(origin.text())) {
            List<String> kept = new ArrayList<>(List.of(origin.text()));
            kept.addAll(texts.subList(0, Math.min(texts.size(), MOST_TEXTS - 1)));
            shelf.put(name, RecordCodec.texts(kept));
        }
    }

    private <T> List<T> read(String name, Function<byte[], Optional<List<T>>> decode) {
        Optional<byte[]> file = shelf.get(name);
        if (file.isEmpty()) {
            return List.of();
        }
        Optional<List<T>> content = decode.apply(file.get());
        if (content.isEmpty()) {
            shelf.remove(name);
        }
        return content.orElse(List.of());
    }

    private static String recordsOf(String text) {
        return name("step", text);
    }

    private static String textsOf(StepOrigin origin) {
        return name("stage", origin.project() + "\0" + origin.stage());
    }

    private static String name(String kind, String of) {
        return Digest.sha256((kind + "\0" + of).getBytes(StandardCharsets.UTF_8)).hex();
    }

    /** Writes what is not on disk yet. */
    @Override
    public void close() throws IOException {
        shelf.close();
    }
}
