package dev.kiln.executor.history;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepOrigin;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.StepFacts;
import dev.kiln.layercache.oci.Digest;

/**
 * What one result of a step was made of. Long values are clipped, with their digest behind, so that they still differ
 * when they did.
 *
 * @param project and {@code stage}: as in {@link StepOrigin}
 */
record StepRecord(String project, String stage, Instant made, SortedMap<String, String> preimage, List<Input> inputs) {
    /** Characters of a value that are kept. */
    static final int LONGEST = 400;
    /** Parts of a preimage that are kept by themselves. */
    private static final int MOST_PARTS = 1_000;
    private static final int MOST_INPUTS = 1_000;
    private static final String REST = "rest";

    StepRecord {
        inputs = List.copyOf(inputs);
    }

    /**
     * @param name as people read it
     * @param image the reference and digest of a base image; empty for what is none
     */
    record Input(String name, String image, Digest definition, Optional<Digest> identity, Optional<Digest> content) {}

    static StepRecord of(StepFacts facts, Instant made) {
        StepOrigin origin = facts.vertex().origin();
        return new StepRecord(clip(origin.project()), clip(origin.stage()), made, clipped(facts.preimage()),
                facts.inputs().stream().limit(MOST_INPUTS).map(StepRecord::input).toList());
    }

    private static Input input(StepFacts.Input input) {
        return new Input(clip(input.vertex().name()), image(input.vertex()), input.definition(), input.identity(),
                input.content());
    }

    static String image(Vertex vertex) {
        return vertex.op() instanceof OpSpec.Image(var reference, var _) ? clip(reference.toString()) : "";
    }

    /** The same for the same preimage, whatever is left out of it. */
    static SortedMap<String, String> clipped(Map<String, String> preimage) {
        SortedMap<String, String> all = new TreeMap<>(preimage);
        SortedMap<String, String> kept = new TreeMap<>();
        StringBuilder rest = new StringBuilder();
        all.forEach((name, value) -> {
            if (kept.size() < MOST_PARTS && name.length() <= LONGEST) {
                kept.put(name, clip(value));
            } else {
                rest.append(name).append('\0').append(value).append('\0');
            }
        });
        if (!rest.isEmpty()) {
            kept.put(REST, Digest.sha256(rest.toString().getBytes(StandardCharsets.UTF_8)).toString());
        }
        return kept;
    }

    static String clip(String value) {
        return clip(value, LONGEST);
    }

    /** Of a longer value the beginning, its length and a part of its digest. */
    static String clip(String value, int longest) {
        if (value.length() <= longest) {
            return value;
        }
        int end = Character.isHighSurrogate(value.charAt(longest - 1)) ? longest - 1 : longest;
        return value.substring(0, end) + "… (" + value.length() + " characters, "
                + Digest.sha256(value.getBytes(StandardCharsets.UTF_8)).toString().substring(0, 19) + ")";
    }

    /** Whether both say the same; when they were made does not matter. */
    boolean isOfTheSame(StepRecord other) {
        return project.equals(other.project) && stage.equals(other.stage) && preimage.equals(other.preimage)
                && inputs.equals(other.inputs);
    }
}
