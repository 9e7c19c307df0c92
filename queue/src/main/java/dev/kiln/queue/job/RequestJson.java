package dev.kiln.queue.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/**
 * The JSON form of {@link BuildRequest}: one flat object whose fields are named like the components of the record's
 * parts; digests, references, platforms, hosts and limits are strings, times RFC 3339 in UTC; what is empty is absent;
 * maps are sorted by key, so that equal requests have equal bytes.
 */
public final class RequestJson {
    /** What a request may take as JSON; half of it is enough for thousands of build arguments. */
    public static final int MAX_BYTES = 512 << 10;

    /** What a request may take as a client sends it: id, time and defaults are still to be added. */
    public static final int MAX_NEW_BYTES = MAX_BYTES - 1024;

    private static final int MAX_ARGS = 4096;
    private static final int MAX_LIST = 256;

    private RequestJson() {}

    public static byte[] write(BuildRequest request) {
        return JsonText.write(tree(request));
    }

    /** The request as a tree, to stand inside another document. */
    public static ObjectNode tree(BuildRequest request) {
        ObjectNode json = JsonText.object();
        json.put("id", request.id().value());
        json.put("submitted", request.submitted().toString());
        FilesJson.put(json, request.files());
        put(json, request.options());
        put(json, "names", request.output().names());
        json.put("push", request.output().push());
        request.output().outputs().forEach(output -> json.withArray("outputs").add(OutputJson.tree(output)));
        put(json, request.steps());
        put(json, "secrets", request.secrets().secrets());
        put(json, "ssh", request.secrets().ssh());
        put(json, request.queueing());
        return json;
    }

    /** What is usual is absent. */
    private static void put(ObjectNode json, QueueOptions queueing) {
        if (!queueing.tenant().equals(QueueOptions.DEFAULT_TENANT)) {
            json.put("tenant", queueing.tenant());
        }
        if (queueing.priority() != Priority.NORMAL) {
            json.put("priority", queueing.priority().word());
        }
        queueing.supersede().ifPresent(key -> json.put("supersede", key));
        queueing.deadlines().build().ifPresent(time -> json.put("timeoutSeconds", time.toSeconds()));
        queueing.deadlines().step().ifPresent(time -> json.put("stepTimeoutSeconds", time.toSeconds()));
    }

    private static void put(ObjectNode json, BuildOptions options) {
        options.target().ifPresent(target -> json.put("target", target));
        if (!options.platforms().isEmpty()) {
            json.put("platform", Platform.list(options.platforms()));
        }
        put(json, "buildArgs", options.buildArgs());
        put(json, "labels", options.labels());
        CacheJson.put(json, options.cache());
    }

    private static void put(ObjectNode json, StepOptions steps) {
        steps.network().ifPresent(network -> json.put("network", word(network)));
        ObjectNode limits = tree(steps.limits());
        if (!limits.isEmpty()) {
            json.set("limits", limits);
        }
        put(json, "hosts", steps.hosts());
        steps.sharedMemory().ifPresent(bytes -> json.put("sharedMemory", bytes));
        put(json, "ulimits", steps.ulimits());
        put(json, "entitlements", steps.entitlements().stream().map(Entitlement::word).toList());
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
        return json.build(() -> new BuildRequest(id, submitted, FilesJson.read(json), readOptions(json),
                new BuildOutput(json.list("names", MAX_LIST, ImageReference::parse), json.bool("push", false),
                        OutputJson.readAll(json)),
                readSteps(json), new SecretNames(json.list("secrets", MAX_LIST, text -> text),
                        json.list("ssh", MAX_LIST, text -> text)),
                readQueueing(json)));
    }

    private static QueueOptions readQueueing(JsonFields json) {
        return new QueueOptions(json.optionalString("tenant", 63).orElse(QueueOptions.DEFAULT_TENANT),
                json.optionalParsed("priority", Priority::parse).orElse(Priority.NORMAL),
                json.optionalString("supersede", QueueOptions.MAX_KEY),
                new QueueOptions.Deadlines(seconds(json, "timeoutSeconds"), seconds(json, "stepTimeoutSeconds")));
    }

    private static Optional<Duration> seconds(JsonFields json, String name) {
        OptionalLong seconds = json.optionalNumber(name);
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsLong())) : Optional.empty();
    }

    private static BuildOptions readOptions(JsonFields json) {
        return new BuildOptions(json.optionalString("target", 256),
                json.optionalParsed("platform", Platform::parseList).orElse(List.of()),
                json.map("buildArgs", MAX_ARGS), json.map("labels", MAX_ARGS), CacheJson.read(json));
    }

    private static StepOptions readSteps(JsonFields json) {
        return new StepOptions(json.optionalParsed("network", RequestJson::readNetwork),
                json.optionalObject("limits").map(RequestJson::readLimits).orElse(StepLimits.DEFAULT),
                json.list("hosts", MAX_LIST, ExtraHost::parse), json.optionalNumber("sharedMemory"),
                json.list("ulimits", MAX_LIST, Ulimit::parse),
                Set.copyOf(json.list("entitlements", MAX_LIST, Entitlement::parse)));
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

    private static void put(ObjectNode json, String name, Collection<?> values) {
        if (!values.isEmpty()) {
            ArrayNode list = json.putArray(name);
            values.forEach(value -> list.add(value.toString()));
        }
    }
}
