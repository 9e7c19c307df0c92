package dev.kiln.executor.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Pattern;

import dev.kiln.executor.solver.StepFacts;
import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.event.CacheMiss.Difference.Outcome;

/** Compares a step with earlier results of it: which is the nearest, and what differs. */
final class Comparison {
    private static final int MOST_SETTINGS = 40;
    private static final int MOST_FILES = 20;
    private static final Pattern BETWEEN_WORDS = Pattern.compile("\\W+", Pattern.UNICODE_CHARACTER_CLASS);

    private final StepFacts now;
    private final SortedMap<String, String> preimage;
    private final FileLists lists;

    Comparison(StepFacts now, FileLists lists) {
        this.now = now;
        this.preimage = StepRecord.clipped(now.preimage());
        this.lists = lists;
    }

    /** What differs least, the newest of equals; an input counts once, however many of its files differ. */
    Optional<StepRecord> nearest(List<StepRecord> records) {
        StepRecord best = null;
        int least = Integer.MAX_VALUE;
        for (StepRecord record : records) {
            if (!sameOp(record)) {
                continue;
            }
            int differences = 2 * (settings(record).size() + inputs(record).size())
                    + (record.stage().equals(now.vertex().origin().stage()) ? 0 : 1);
            if (best == null || differences < least
                    || differences == least && record.made().isAfter(best.made())) {
                best = record;
                least = differences;
            }
        }
        return Optional.ofNullable(best);
    }

    private boolean sameOp(StepRecord record) {
        return Optional.ofNullable(record.preimage().get("op")).equals(Optional.ofNullable(preimage.get("op")));
    }

    /** How the step differs from this result of it. */
    CacheMiss explain(StepRecord record) {
        List<Difference> found = new ArrayList<>();
        List<Difference> settings = settings(record);
        int more = take(settings, MOST_SETTINGS, found);
        for (int index : inputs(record)) {
            more += take(input(index, record), MOST_FILES, found);
        }
        return found.isEmpty() ? gone(record.made()) : new CacheMiss.Changed(record.made(), found, more);
    }

    private static int take(List<Difference> from, int most, List<Difference> to) {
        to.addAll(from.subList(0, Math.min(most, from.size())));
        return Math.max(0, from.size() - most);
    }

    /** A result of the very same was there. */
    private static CacheMiss gone(Instant made) {
        return new CacheMiss.Removed(made, "the cache has no entry for it");
    }

    private List<Difference> settings(StepRecord record) {
        return SettingComparison.of(record.preimage(), preimage, now.vertex().origin().arguments());
    }

    /** Which inputs differ. */
    private List<Integer> inputs(StepRecord record) {
        List<Integer> differing = new ArrayList<>();
        for (int i = 0; i < now.inputs().size(); i++) {
            if (i >= record.inputs().size() || differs(now.inputs().get(i), record.inputs().get(i))) {
                differing.add(i);
            }
        }
        return differing;
    }

    /** Content says more than identity, and identity more than a definition. */
    private static boolean differs(StepFacts.Input input, StepRecord.Input before) {
        if (input.content().isPresent() && before.content().isPresent()) {
            return !input.content().equals(before.content());
        }
        if (input.identity().isPresent() && before.identity().isPresent()) {
            return !input.identity().equals(before.identity());
        }
        return input.madeNow() || !input.definition().equals(before.definition());
    }

    private List<Difference> input(int index, StepRecord record) {
        StepFacts.Input input = now.inputs().get(index);
        if (index >= record.inputs().size()) {
            return List.of(is(input, Outcome.ADDED));
        }
        StepRecord.Input before = record.inputs().get(index);
        List<Difference> files = files(input, before);
        if (!files.isEmpty()) {
            return files;
        }
        String image = StepRecord.image(input.vertex());
        if (!image.isEmpty() && !before.image().isEmpty() && !image.equals(before.image())) {
            return List.of(base(before.image(), image));
        }
        return List.of(is(input, input.identity().isEmpty() && input.content().isEmpty() && input.madeNow()
                ? Outcome.MADE_ANEW
                : Outcome.OTHER_FILES));
    }

    private static Difference is(StepFacts.Input input, Outcome outcome) {
        return new Difference.Input(StepRecord.clip(input.vertex().name()), input.vertex().digest(), outcome);
    }

    private List<Difference> files(StepFacts.Input input, StepRecord.Input before) {
        Optional<FileList> old = before.content().flatMap(lists::find);
        Optional<FileList> now = input.content().flatMap(lists::find);
        return old.isPresent() && now.isPresent() && old.get().isWhole() && now.get().isWhole()
                ? FileComparison.of(old.get(), now.get(), StepRecord.clip(input.vertex().name()))
                : List.of();
    }

    /** Of one name, the digests alone. */
    private static Difference base(String before, String after) {
        String name = name(after);
        return name(before).equals(name)
                ? new Difference.Base(name, Optional.of(digest(before)), digest(after))
                : new Difference.Base(name, Optional.of(before), digest(after));
    }

    private static String name(String reference) {
        int at = reference.indexOf('@');
        return at < 0 ? reference : reference.substring(0, at);
    }

    private static String digest(String reference) {
        return reference.substring(reference.indexOf('@') + 1);
    }

    /** The words that two texts have in common, as a part of both: 1 for the same words, 0 for none. */
    static double likeness(String one, String other) {
        List<String> words = new ArrayList<>(List.of(BETWEEN_WORDS.split(one)));
        List<String> others = new ArrayList<>(List.of(BETWEEN_WORDS.split(other)));
        int all = words.size() + others.size();
        words.removeIf(word -> !others.remove(word));
        return 2.0 * words.size() / all;
    }
}
