package dev.kiln.queue.event;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.RequestJson;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/**
 * The JSON form of {@link BuildEvent}: the field {@code type} says which ({@code vertex-started}, {@code succeeded} …),
 * all others are named like the record's components. Digests and references are strings, times RFC 3339 in UTC,
 * descriptors as in the OCI image-spec; what is empty is absent. The fields of a warning's notice are its own.
 */
public final class EventJson {
    /** What an event may take as JSON. */
    public static final int MAX_BYTES = 1 << 20;

    private EventJson() {}

    public static byte[] write(BuildEvent event) {
        return JsonText.write(tree(event));
    }

    /** The event as a tree, to stand inside another document. */
    public static ObjectNode tree(BuildEvent event) {
        ObjectNode json = JsonText.object();
        json.put("type", type(event));
        json.put("build", event.build().value());
        json.put("at", event.at().toString());
        switch (event) {
            case BuildEvent.Queued e -> json.set("request", RequestJson.tree(e.request()));
            case BuildEvent.CancelRequested e -> json.put("reason", e.reason());
            case BuildEvent.Started e -> json.put("attempt", e.attempt())
                .put("worker", e.worker())
                .put("delivery", e.delivery());
            case BuildEvent.VertexAdded e -> {
                vertex(json, e.attempt(), e.vertex()).put("name", e.name());
                if (!e.inputs().isEmpty()) {
                    ArrayNode inputs = json.putArray("inputs");
                    e.inputs().forEach(input -> inputs.add(input.toString()));
                }
            }
            case BuildEvent.VertexStarted e -> vertex(json, e.attempt(), e.vertex());
            case BuildEvent.VertexMissed e ->
                vertex(json, e.attempt(), e.vertex()).set("miss", CacheMissJson.tree(e.miss()));
            case BuildEvent.VertexCached e -> vertex(json, e.attempt(), e.vertex());
            case BuildEvent.VertexCompleted e -> {
                vertex(json, e.attempt(), e.vertex());
                e.error().ifPresent(error -> json.put("error", error));
            }
            case BuildEvent.VertexLog e -> vertex(json, e.attempt(), e.vertex()).put("stream", e.stream())
                .put("text", e.text());
            case BuildEvent.Warning e -> {
                json.put("attempt", e.attempt());
                e.vertex().ifPresent(vertex -> json.put("vertex", vertex.toString()));
                NoticeJson.write(e.notice(), json);
            }
            case BuildEvent.Publishing e -> json.put("attempt", e.attempt()).put("manifest", e.manifest().toString());
            case BuildEvent.Pushed e -> json.put("attempt", e.attempt())
                .put("name", e.name().toString())
                .put("manifest", e.manifest().toString());
            case BuildEvent.Exported e -> {
                json.put("attempt", e.attempt()).put("output", e.output()).set("image", DescriptorJson.tree(e.image()));
                e.config().ifPresent(config -> json.put("config", config.toString()));
            }
            case BuildEvent.Final e -> end(json, e);
        }
        return json;
    }

    private static ObjectNode vertex(ObjectNode json, String attempt, Digest vertex) {
        return json.put("attempt", attempt).put("vertex", vertex.toString());
    }

    private static void end(ObjectNode json, BuildEvent.Final end) {
        end.attempt().ifPresent(attempt -> json.put("attempt", attempt));
        switch (end) {
            case BuildEvent.Succeeded e -> json.set("image", DescriptorJson.tree(e.image()));
            case BuildEvent.Failed e -> {
                json.put("reason", word(e.reason())).put("message", e.message());
                e.vertex().ifPresent(vertex -> json.put("vertex", vertex.toString()));
                e.exitCode().ifPresent(code -> json.put("exitCode", code));
                if (e.retryable()) {
                    json.put("retryable", true);
                }
            }
            case BuildEvent.Cancelled e -> json.put("reason", e.reason());
        }
        end.log().ifPresent(log -> json.set("log", DescriptorJson.tree(log)));
    }

    /** The word in the field {@code type}. */
    public static String type(BuildEvent event) {
        return switch (event) {
            case BuildEvent.Queued e -> "queued";
            case BuildEvent.CancelRequested e -> "cancel-requested";
            case BuildEvent.Started e -> "started";
            case BuildEvent.VertexAdded e -> "vertex-added";
            case BuildEvent.VertexStarted e -> "vertex-started";
            case BuildEvent.VertexMissed e -> "vertex-missed";
            case BuildEvent.VertexCached e -> "vertex-cached";
            case BuildEvent.VertexCompleted e -> "vertex-completed";
            case BuildEvent.VertexLog e -> "vertex-log";
            case BuildEvent.Warning e -> "warning";
            case BuildEvent.Publishing e -> "publishing";
            case BuildEvent.Pushed e -> "pushed";
            case BuildEvent.Exported e -> "exported";
            case BuildEvent.Succeeded e -> "succeeded";
            case BuildEvent.Failed e -> "failed";
            case BuildEvent.Cancelled e -> "cancelled";
        };
    }

    /**
     * Reads an event of at most {@link #MAX_BYTES}.
     *
     * @return empty when its type is none that this version knows, which a newer process may have written
     * @throws JsonException naming the field that is wrong
     */
    public static Optional<BuildEvent> read(byte[] json) {
        return read(JsonText.read(json, MAX_BYTES));
    }

    /** Reads an event that stands inside another document. */
    public static Optional<BuildEvent> read(JsonFields json) {
        String type = json.string("type");
        BuildId build = json.parsed("build", BuildId::new);
        Instant at = json.instant("at");
        return json.build(() -> switch (type) {
            case "queued" -> Optional.of(new BuildEvent.Queued(build, at, RequestJson.read(json.object("request"))));
            case "cancel-requested" ->
                Optional.of(new BuildEvent.CancelRequested(build, at, json.string("reason")));
            case "started" -> Optional.of(new BuildEvent.Started(build, at, json.string("attempt"),
                    json.string("worker"), json.integer("delivery")));
            case "vertex-added", "vertex-started", "vertex-cached", "vertex-completed", "vertex-log" ->
                Optional.of(readVertex(type, json, build, at));
            case "vertex-missed" -> CacheMissJson.read(json.object("miss"))
                .map(miss -> new BuildEvent.VertexMissed(build, at, json.string("attempt"),
                        json.parsed("vertex", Digest::parse), miss));
            case "warning" -> Optional.of(new BuildEvent.Warning(build, at, json.string("attempt"),
                    json.optionalParsed("vertex", Digest::parse), NoticeJson.read(json)));
            case "publishing" -> Optional.of(new BuildEvent.Publishing(build, at, json.string("attempt"),
                    json.parsed("manifest", Digest::parse)));
            case "pushed" -> Optional.of(new BuildEvent.Pushed(build, at, json.string("attempt"),
                    json.parsed("name", ImageReference::parse), json.parsed("manifest", Digest::parse)));
            case "exported" -> Optional.of(new BuildEvent.Exported(build, at, json.string("attempt"),
                    json.integer("output"), DescriptorJson.read(json.object("image")),
                    json.optionalParsed("config", Digest::parse)));
            case "succeeded", "failed", "cancelled" -> Optional.of(readEnd(type, json, build, at));
            default -> Optional.empty();
        });
    }

    private static BuildEvent readVertex(String type, JsonFields json, BuildId build, Instant at) {
        String attempt = json.string("attempt");
        Digest vertex = json.parsed("vertex", Digest::parse);
        return switch (type) {
            case "vertex-added" -> new BuildEvent.VertexAdded(build, at, attempt, vertex, json.string("name"),
                    json.list("inputs", Integer.MAX_VALUE, Digest::parse));
            case "vertex-started" -> new BuildEvent.VertexStarted(build, at, attempt, vertex);
            case "vertex-cached" -> new BuildEvent.VertexCached(build, at, attempt, vertex);
            case "vertex-completed" ->
                new BuildEvent.VertexCompleted(build, at, attempt, vertex, json.optionalString("error"));
            default -> new BuildEvent.VertexLog(build, at, attempt, vertex, json.integer("stream"),
                    json.string("text"));
        };
    }

    private static BuildEvent.Final readEnd(String type, JsonFields json, BuildId build, Instant at) {
        Optional<String> attempt = json.optionalString("attempt");
        Optional<Descriptor> log = json.optionalObject("log").map(DescriptorJson::read);
        return switch (type) {
            case "succeeded" ->
                new BuildEvent.Succeeded(build, at, attempt, DescriptorJson.read(json.object("image")), log);
            case "failed" -> {
                OptionalInt code = json.optionalInteger("exitCode");
                yield new BuildEvent.Failed(build, at, attempt, json.parsed("reason", EventJson::readReason),
                        json.string("message"), json.optionalParsed("vertex", Digest::parse),
                        code.isPresent() ? Optional.of(code.getAsInt()) : Optional.empty(),
                        json.bool("retryable", false), log);
            }
            default -> new BuildEvent.Cancelled(build, at, attempt, json.string("reason"), log);
        };
    }

    /** A reason as it stands in JSON: {@code step-failed}. */
    public static String word(BuildEvent.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A reason that only a newer version knows becomes {@code INTERNAL}: the build has failed all the same. */
    private static BuildEvent.Reason readReason(String word) {
        for (BuildEvent.Reason reason : BuildEvent.Reason.values()) {
            if (word(reason).equals(word)) {
                return reason;
            }
        }
        return BuildEvent.Reason.INTERNAL;
    }
}
