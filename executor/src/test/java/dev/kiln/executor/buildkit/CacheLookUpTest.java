package dev.kiln.executor.buildkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.executor.buildkit.CacheDocument.Entry;
import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.executor.buildkit.CacheDocument.Layer;
import dev.kiln.executor.buildkit.CacheDocument.Link;
import dev.kiln.executor.buildkit.CacheNode.Input;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;

class CacheLookUpTest {
    private static final Digest SOURCE = CacheKeys.digest("source");
    private static final Digest OP = CacheKeys.digest("op");
    private static final Digest FILES = CacheKeys.digest("files");
    private static final Optional<Digest> SELECTOR = Optional.of(CacheKeys.digest("/"));
    private static final Found RESULT = new Found(List.of(0), Optional.empty());

    private final List<CacheNode> nodes = new ArrayList<>();

    private CacheNode source() {
        return add(new CacheNode.Source(nodes.size(), List.of(CacheKeys.digest("unknown"), SOURCE)));
    }

    private CacheNode unnamed() {
        return add(new CacheNode.Unnamed(nodes.size()));
    }

    private CacheNode step(Input... inputs) {
        return add(new CacheNode.Step(nodes.size(), OP, List.of(inputs)));
    }

    private CacheNode add(CacheNode node) {
        nodes.add(node);
        return node;
    }

    private CacheLookUp in(Entry... entries) {
        return new CacheLookUp(new CacheDocument(List.of(new Layer(FILES, -1)), List.of(entries)),
                new CacheGraph(nodes, Map.of()));
    }

    private static Input input(CacheNode from) {
        return new Input(from, SELECTOR, Optional.empty());
    }

    private static Entry key(Digest key) {
        return new Entry(key, List.of(), List.of());
    }

    private static Entry stepOn(int entry, String selector) {
        return new Entry(CacheKeys.record(OP), List.of(List.of(new Link(entry, selector))), List.of(RESULT));
    }

    @Test
    void step_onAKnownSource_isFoundByTheSelectorOnly() {
        CacheNode step = step(input(source()));
        String selector = SELECTOR.orElseThrow().toString();
        assertThat(in(key(CacheKeys.record(SOURCE)), stepOn(0, selector)).results(step)).containsExactly(RESULT);
        assertThat(in(key(CacheKeys.record(SOURCE)), stepOn(0, "")).results(step)).isEmpty();
        assertThat(in(key(CacheKeys.record(OP)), stepOn(0, selector)).results(step)).isEmpty();
    }

    @Test
    void chain_whoseFirstFilesAreLearned_isFoundFromThenOn() {
        CacheNode copy = step(input(unnamed()));
        CacheNode last = step(input(copy));
        CacheLookUp lookUp = in(key(CacheKeys.contentRecord(FILES)), stepOn(0, ""),
                stepOn(1, SELECTOR.orElseThrow().toString()));
        assertThat(lookUp.has(last)).isFalse();
        lookUp.learn(copy, 0, CacheKeys.digest("others"));
        assertThat(lookUp.has(last)).isFalse();
        lookUp.learn(copy, 0, FILES);
        assertThat(lookUp.results(last)).containsExactly(RESULT);
    }

    @Test
    void entry_withAnotherNumberOfInputs_isNotTheStep() {
        CacheNode step = step(input(source()), input(source()));
        assertThat(in(key(CacheKeys.record(SOURCE)), stepOn(0, SELECTOR.orElseThrow().toString())).has(step)).isFalse();
    }

    @Test
    @Timeout(20)
    void entries_inACircle_areNoTrouble() {
        CacheNode below = step(input(source()));
        CacheNode step = step(input(below));
        assertThat(in(stepOn(1, ""), stepOn(0, "")).has(step)).isFalse();
        assertThat(in(stepOn(0, SELECTOR.orElseThrow().toString())).has(step)).isFalse();
    }

    @Test
    @Timeout(30)
    void longChain_learnedStepByStep_isWorkedOutOnce() {
        CacheNode last = source();
        Map<Integer, CacheNode> copies = new HashMap<>();
        List<Entry> entries = new ArrayList<>(List.of(key(CacheKeys.record(SOURCE)), key(CacheKeys.contentRecord(
                FILES))));
        for (int i = 0; i < 5_000; i++) {
            Digest op = CacheKeys.digest("op " + i);
            last = add(new CacheNode.Step(nodes.size() + 1, op, List.of(input(last), input(unnamed()))));
            copies.put(i, last);
            entries.add(new Entry(CacheKeys.record(op), List.of(List.of(new Link(i == 0 ? 0 : i + 1, SELECTOR
                .orElseThrow()
                .toString())), List.of(new Link(1, ""))), List.of(RESULT)));
        }
        CacheLookUp lookUp = in(entries.toArray(Entry[]::new));
        for (int i = 0; i < 5_000; i++) {
            lookUp.learn(copies.get(i), 1, FILES);
        }
        assertThat(lookUp.has(last)).isTrue();
    }
}
