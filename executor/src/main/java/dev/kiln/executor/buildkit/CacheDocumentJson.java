package dev.kiln.executor.buildkit;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import dev.kiln.executor.buildkit.CacheDocument.Entry;
import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.executor.buildkit.CacheDocument.Layer;
import dev.kiln.executor.buildkit.CacheDocument.Link;
import dev.kiln.layercache.oci.Digest;

/**
 * The JSON form of {@link CacheDocument}. What is read may come from anybody: it is bounded, and every index in it leads
 * somewhere, though links may run in circles.
 */
public final class CacheDocumentJson {
    /** Largest document that is read. */
    public static final int MAX_BYTES = 32 << 20;

    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_LINKS = 1_000_000;
    /** An overlay has no more. */
    private static final int MAX_DEPTH = 500;
    private static final int MAX_SELECTOR = 256;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).maxNumberLength(20).build())
        .build()).build();

    private int links;

    private CacheDocumentJson() {}

    /** @throws IllegalArgumentException saying what is wrong with it */
    public static CacheDocument read(byte[] json) {
        JsonNode tree = tree(json);
        List<Layer> layers = new ArrayList<>();
        for (JsonNode layer : list(tree, "layers")) {
            layers.add(new Layer(digest(layer, "blob"), layer.path("parent").asInt(0)));
        }
        for (Layer layer : layers) {
            check(layer.below() >= -1 && layer.below() < layers.size(), "a layer lies on one that is not there");
        }
        return new CacheDocument(layers, new CacheDocumentJson().entries(list(tree, "records"), layers));
    }

    /**
     * Reads the entries that an image's configuration holds, whose layers are those of the image.
     *
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public static CacheDocument readInline(byte[] json, List<Digest> blobs) {
        List<Layer> layers = new ArrayList<>();
        blobs.forEach(blob -> layers.add(new Layer(blob, layers.size() - 1)));
        JsonNode tree = tree(json);
        check(tree.isArray(), "the cache of an image is no list");
        return new CacheDocument(layers, new CacheDocumentJson().entries(tree.values(), layers));
    }

    private static JsonNode tree(byte[] json) {
        check(json.length <= MAX_BYTES, "a cache document of " + json.length + " bytes is larger than " + MAX_BYTES);
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("a cache document is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private List<Entry> entries(Iterable<JsonNode> records, List<Layer> layers) {
        List<Entry> entries = new ArrayList<>();
        for (JsonNode record : records) {
            check(entries.size() < MAX_ENTRIES, "a cache document has more than " + MAX_ENTRIES + " records");
            List<List<Link>> inputs = new ArrayList<>();
            for (JsonNode input : list(record, "inputs")) {
                inputs.add(links(input));
            }
            entries.add(new Entry(digest(record, "digest"), inputs, results(record, layers)));
        }
        for (Entry entry : entries) {
            for (List<Link> input : entry.inputs()) {
                check(input.stream().allMatch(link -> link.entry() >= 0 && link.entry() < entries.size()),
                        "a record takes from one that is not there");
            }
        }
        return entries;
    }

    private List<Link> links(JsonNode input) {
        check(input.isArray(), "an input of a record is no list");
        List<Link> all = new ArrayList<>();
        for (JsonNode link : input.values()) {
            check(++links <= MAX_LINKS, "a cache document has more than " + MAX_LINKS + " links");
            String selector = link.path("selector").asString("");
            check(selector.length() <= MAX_SELECTOR, "a selector is too long");
            all.add(new Link(link.path("link").asInt(-1), selector));
        }
        return all;
    }

    private static List<Found> results(JsonNode record, List<Layer> layers) {
        List<Found> results = new ArrayList<>();
        for (JsonNode result : list(record, "layers")) {
            results.add(new Found(chain(layers, result.path("layer").asInt(-1)), time(result)));
        }
        for (JsonNode result : list(record, "chains")) {
            List<Integer> chain = new ArrayList<>();
            for (JsonNode layer : list(result, "layers")) {
                int index = layer.asInt(-1);
                check(index >= 0 && index < layers.size() && chain.size() < MAX_DEPTH,
                        "a result has a layer that is not there, or too many");
                chain.add(index);
            }
            results.add(new Found(chain, time(result)));
        }
        return results;
    }

    private static List<Integer> chain(List<Layer> layers, int top) {
        List<Integer> chain = new ArrayList<>();
        for (int at = top; at != -1; at = layers.get(at).below()) {
            check(at >= 0 && at < layers.size() && chain.size() < MAX_DEPTH,
                    "a result has a layer that is not there, or more than " + MAX_DEPTH);
            chain.add(at);
        }
        Collections.reverse(chain);
        return chain;
    }

    private static Optional<Instant> time(JsonNode result) {
        String text = result.path("createdAt").asString("");
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("a result's time is none: " + text.substring(0, Math.min(40,
                    text.length())), e);
        }
    }

    private static List<JsonNode> list(JsonNode object, String name) {
        JsonNode value = object.path(name);
        check(value.isMissingNode() || value.isNull() || value.isArray(), name + " is no list");
        return value.isArray() ? List.copyOf(value.values()) : List.of();
    }

    private static Digest digest(JsonNode object, String name) {
        return Digest.parse(object.path(name).asString(""));
    }

    private static void check(boolean ok, String problem) {
        if (!ok) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** The whole document. */
    public static byte[] write(CacheDocument cache) {
        GoJson json = GoJson.object()
            .objects("layers", cache.layers()
                .stream()
                .map(layer -> GoJson.object()
                    .string("blob", layer.blob().toString())
                    .nonZero("parent", layer.below()))
                .toList())
            .objects("records", cache.entries().stream().map(CacheDocumentJson::entry).toList());
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The entries alone, whose layers are those of an image. */
    public static byte[] writeInline(CacheDocument cache) {
        return cache.entries()
            .stream()
            .map(entry -> entry(entry).toString())
            .collect(Collectors.joining(",", "[", "]"))
            .getBytes(StandardCharsets.UTF_8);
    }

    /** A result stands as the index of its topmost layer, on which all others follow. */
    private static GoJson entry(Entry entry) {
        GoJson json = GoJson.object()
            .objects("layers", entry.results()
                .stream()
                .map(result -> GoJson.object()
                    .number("layer", result.layers().getLast())
                    .string("createdAt", result.created().orElse(Instant.EPOCH).toString()))
                .toList())
            .string("digest", entry.key().toString());
        List<String> inputs = new ArrayList<>();
        for (List<Link> input : entry.inputs()) {
            inputs.add(input.stream()
                .map(link -> GoJson.object()
                    .nonEmpty("selector", link.selector())
                    .number("link", link.entry())
                    .toString())
                .collect(Collectors.joining(",", "[", "]")));
        }
        return json.raw("inputs", inputs);
    }
}
