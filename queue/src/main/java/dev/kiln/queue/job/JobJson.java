package dev.kiln.queue.job;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/**
 * The JSON form of {@link BuildRequest}: fields are named like the record's components; digests and references are
 * strings, times RFC 3339 in UTC; what is empty is absent; maps are sorted by key, so that equal requests have equal
 * bytes.
 */
public final class JobJson {
    /** What a request may take as JSON; half of it is enough for thousands of build arguments. */
    public static final int MAX_BYTES = 512 << 10;

    /** What a request may take as a client sends it: id, time and defaults are still to be added. */
    public static final int MAX_NEW_BYTES = MAX_BYTES - 1024;

    private static final int MAX_ARGS = 4096;
    private static final int MAX_NAMES = 256;

    private JobJson() {}

    public static byte[] write(BuildRequest request) {
        return JsonText.write(tree(request));
    }

    /** The request as a tree, to stand inside another document. */
    public static ObjectNode tree(BuildRequest request) {
        ObjectNode json = JsonText.object();
        json.put("id", request.id().value());
        json.put("submitted", request.submitted().toString());
        json.set("context", tree(request.context()));
        json.put("dockerfile", request.dockerfile());
        request.target().ifPresent(target -> json.put("target", target));
        put(json, "buildArgs", request.buildArgs());
        put(json, "labels", request.labels());
        if (!request.names().isEmpty()) {
            ArrayNode names = json.putArray("names");
            request.names().forEach(name -> names.add(name.toString()));
        }
        json.put("push", request.push());
        json.put("noCache", request.noCache());
        request.network().ifPresent(network -> json.put("network", word(network)));
        ObjectNode limits = tree(request.limits());
        if (!limits.isEmpty()) {
            json.set("limits", limits);
        }
        return json;
    }

    /**
     * Reads a request of at most {@link #MAX_BYTES}.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static BuildRequest read(byte[] json) {
        return read(JsonText.read(json, MAX_BYTES));
    }

    /** Reads a request that stands inside another document. */
    public static BuildRequest read(JsonFields json) {
        return read(json, json.parsed("id", BuildId::new), json.instant("submitted"));
    }

    /**
     * Reads a request of at most {@link #MAX_NEW_BYTES} as a client sends it, who knows neither its id nor its time:
     * both are given here, and ignored in the text.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static BuildRequest readNew(byte[] json, BuildId id, Instant submitted) {
        return read(JsonText.read(json, MAX_NEW_BYTES), id, submitted);
    }

    private static BuildRequest read(JsonFields json, BuildId id, Instant submitted) {
        return json.build(() -> new BuildRequest(id, submitted, readContext(json.object("context")),
                json.optionalString("dockerfile", 4096).orElse("Dockerfile"), json.optionalString("target", 256),
                json.map("buildArgs", MAX_ARGS), json.map("labels", MAX_ARGS),
                json.list("names", MAX_NAMES, ImageReference::parse), json.bool("push", false),
                json.bool("noCache", false), json.optionalParsed("network", JobJson::readNetwork),
                json.optionalObject("limits").map(JobJson::readLimits).orElse(StepLimits.DEFAULT)));
    }

    private static ObjectNode tree(ContextRef context) {
        ObjectNode json = JsonText.object();
        switch (context) {
            case ContextRef.Uploaded(Digest digest, long size) -> json.put("type", "uploaded")
                .put("digest", digest.toString())
                .put("size", size);
        }
        return json;
    }

    private static ContextRef readContext(JsonFields json) {
        return switch (json.string("type")) {
            case "uploaded" -> json.build(
                    () -> new ContextRef.Uploaded(json.parsed("digest", Digest::parse), json.number("size")));
            default -> throw json.problem("type", "unknown kind of context; known: uploaded");
        };
    }

    private static ObjectNode tree(StepLimits limits) {
        ObjectNode json = JsonText.object();
        limits.memoryBytes().ifPresent(bytes -> json.put("memoryBytes", bytes));
        limits.cpus().ifPresent(cpus -> json.put("cpus", cpus));
        limits.pids().ifPresent(pids -> json.put("pids", pids));
        return json;
    }

    private static StepLimits readLimits(JsonFields json) {
        return json.build(() -> new StepLimits(json.optionalNumber("memoryBytes"), json.optionalDecimal("cpus"),
                json.optionalNumber("pids")));
    }

    private static String word(NetworkMode network) {
        return network.name().toLowerCase(Locale.ROOT);
    }

    private static NetworkMode readNetwork(String word) {
        for (NetworkMode mode : NetworkMode.values()) {
            if (word(mode).equals(word)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("expected none, host or private");
    }

    private static void put(ObjectNode json, String name, Map<String, String> map) {
        if (!map.isEmpty()) {
            ObjectNode object = json.putObject(name);
            new TreeMap<>(map).forEach(object::put);
        }
    }
}
