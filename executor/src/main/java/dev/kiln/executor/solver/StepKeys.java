package dev.kiln.executor.solver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import dev.kiln.layercache.index.CacheKey;
import dev.kiln.layercache.oci.Digest;

/**
 * The keys of a step whose inputs are known. Besides its definition it has up to two: by what all of its inputs are,
 * and by what it takes from those of which that can be told.
 *
 * @param contents by index of input, where there is a content key
 */
record StepKeys(Plan.Entry plan, List<Step> inputs, Map<Integer, Digest> contents) {

    StepKeys {
        contents = Map.copyOf(contents);
    }

    /**
     * By what the inputs are: needs none of their files. Empty while that is not known of all of them, and when all of
     * them are sources, whose definition says what they are.
     */
    Optional<Keys> byIdentity() {
        boolean onlySources = inputs.stream()
            .allMatch(input -> input.plan.vertex().inputs().isEmpty() && !input.plan.op().cacheable());
        return onlySources ? Optional.empty() : keys(this::identity);
    }

    /** By what the step takes from its inputs, where that can be told. */
    Optional<Keys> byContent() {
        return contents.isEmpty() ? Optional.empty() : keys(input -> content(input).or(() -> identity(input)));
    }

    /** Under which steps that would make the same result meet while it is being made. */
    Digest execution() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            names.add(content(i).orElse(inputs.get(i).made));
        }
        Keys keys = Keys.of(plan.opPreimage(), names);
        return plan.fresh()
                ? Keys.of(Map.of("fresh", keys.key().toString()), List.of()).key().digest()
                : keys.key().digest();
    }

    /** All keys that are known by now, each once; the definition first. */
    List<Keys> all() {
        Map<CacheKey, Keys> all = new LinkedHashMap<>();
        all.put(plan.definition().key(), plan.definition());
        byIdentity().ifPresent(keys -> all.putIfAbsent(keys.key(), keys));
        byContent().ifPresent(keys -> all.putIfAbsent(keys.key(), keys));
        return List.copyOf(all.values());
    }

    /** For the history: what is known of the inputs by now. */
    StepFacts facts() {
        List<StepFacts.Input> known = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Step input = inputs.get(i);
            known.add(new StepFacts.Input(plan.vertex().inputs().get(i), input.plan.definition().key().digest(),
                    Keys.identity(input.result()), Optional.ofNullable(contents.get(i)),
                    input.plan.op().cacheable() && input.isNew()));
        }
        return new StepFacts(plan.vertex(), plan.opPreimage(), known, plan.instructions());
    }

    private Optional<Keys> keys(Function<Integer, Optional<String>> name) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Optional<String> known = name.apply(i);
            if (known.isEmpty()) {
                return Optional.empty();
            }
            names.add(known.get());
        }
        return Optional.of(Keys.of(plan.opPreimage(), names));
    }

    private Optional<String> content(int input) {
        return Optional.ofNullable(contents.get(input)).map(Keys::byContent);
    }

    private Optional<String> identity(int input) {
        return Keys.identity(inputs.get(input).result()).map(Keys::byIdentity);
    }
}
