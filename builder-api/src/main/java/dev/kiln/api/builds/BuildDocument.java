package dev.kiln.api.builds;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.ProblemException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.RequestJson;
import dev.kiln.queue.job.SecretNames;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.secret.BuildSecrets;
import dev.kiln.queue.secret.FarmKey;
import dev.kiln.queue.secret.SecretsJson;

/**
 * A build as a JSON document, the schema {@code NewBuild} of {@code openapi.yaml}. Whatever it does not know is refused by
 * name. Its secrets are taken out while it is read; what is left knows their names.
 */
final class BuildDocument {
    /** What a document may have with the secrets in it. */
    static final int MAX_BYTES = RequestJson.MAX_BYTES + FarmKey.MAX_SEALED;

    private static final Set<String> FIELDS = Set.of("context", "dockerfile", "dockerfileFrom", "namedContexts",
            "ignorePatterns", "target", "platform", "buildArgs", "labels", "names", "push", "outputs", "noCache",
            "noCacheStages", "cacheFrom", "cacheTo",
            "network", "limits", "hosts", "sharedMemory", "ulimits", "entitlements", "secrets", "ssh",
            "registries", "tenant", "priority", "supersede", "timeoutSeconds", "stepTimeoutSeconds");
    private static final Set<String> LOGIN = Set.of("user", "secret");
    private static final Set<String> LIMITS = Set.of("memoryBytes", "cpus", "pids");
    private static final Map<String, Set<String>> CONTEXTS = Map.of("uploaded", Set.of("type", "digest", "size"), "git",
            Set.of("type", "address"), "http", Set.of("type", "address"), "empty", Set.of("type"), "image",
            Set.of("type", "reference"));

    private static final Map<String, Map<String, Set<String>>> LISTS = Map.of("outputs",
            Map.of("image", Set.of("type", "names", "push", "compression", "compressionLevel", "forceCompression",
                    "ociMediaTypes", "rewriteTimestamp", "squash", "annotations"), "files", Set.of("type")),
            "cacheFrom",
            Map.of("registry", Set.of("type", "reference"), "mounts", Set.of("type", "reference")), "cacheTo",
            Map.of("registry", Set.of("type", "reference", "mode", "form", "ignoreError"), "mounts",
                    Set.of("type", "reference", "ids", "ignoreError"), "inline", Set.of("type")));

    private final ObjectNode json;
    private final BuildSecrets secrets;

    private BuildDocument(ObjectNode json, BuildSecrets secrets) {
        this.json = json;
        this.secrets = secrets;
    }

    /** Reads a document all of whose uploaded contexts are here. */
    static BuildDocument read(ObjectNode document, Contexts contexts) throws IOException {
        refuseUnknown(document, FIELDS, "");
        if (document.get("limits") instanceof ObjectNode limits) {
            refuseUnknown(limits, LIMITS, "limits.");
        }
        if (document.get("registries") instanceof ObjectNode registries) {
            registries.properties().forEach(login -> {
                if (login.getValue() instanceof ObjectNode fields) {
                    refuseUnknown(fields, LOGIN, "registries." + login.getKey() + ".");
                }
            });
        }
        LISTS.forEach((list, kinds) -> refuseUnknown(document.path(list), list, kinds));
        BuildSecrets secrets = SecretsJson.read(JsonFields.of(document));
        ObjectNode json = document.deepCopy();
        putNames(json, secrets.names());
        if (Json.write(json).length > RequestJson.MAX_NEW_BYTES) {
            throw new ProblemException(HttpProblem.TOO_LARGE, "the build has more than the " + RequestJson.MAX_NEW_BYTES
                    + " bytes of JSON that one may have beside its secrets")
                .with("limit", RequestJson.MAX_NEW_BYTES);
        }
        var unused = JsonFields.of(json).object("context");
        complete(json.get("context"), "context", contexts);
        complete(json.path("dockerfileFrom"), "dockerfileFrom", contexts);
        if (json.get("namedContexts") instanceof ObjectNode named) {
            for (String name : named.propertyNames()) {
                complete(named.path(name), "namedContexts." + name, contexts);
            }
        }
        if (json.path("dockerfile").isString()) {
            json.put("dockerfile", BuildForm.path(json.path("dockerfile").stringValue()));
        }
        return new BuildDocument(json, secrets);
    }

    private static void putNames(ObjectNode json, SecretNames names) {
        json.remove("secrets");
        json.remove("ssh");
        json.remove("registries");
        if (!names.secrets().isEmpty()) {
            ArrayNode ids = json.putArray("secrets");
            names.secrets().forEach(ids::add);
        }
        if (!names.ssh().isEmpty()) {
            ArrayNode ids = json.putArray("ssh");
            names.ssh().forEach(ids::add);
        }
    }

    /** Looks an uploaded context up, and says of it what the document leaves out. */
    private static void complete(JsonNode node, String place, Contexts contexts) throws IOException {
        if (!(node instanceof ObjectNode context)) {
            return;
        }
        if (!context.has("type")) {
            context.put("type", "uploaded");
        }
        String type = context.path("type").asString("");
        refuseUnknown(context, CONTEXTS.getOrDefault(type, Set.of("type", "digest", "size", "address", "reference")),
                place + ".");
        if (!type.equals("uploaded")) {
            return;
        }
        ContextRef.Uploaded found = contexts.require(digest(context, place));
        if (!context.has("size")) {
            context.put("size", found.size());
        } else if (context.path("size").asLong(-1) != found.size()) {
            throw ProblemException.invalid(place + ".size", "the context has " + found.size() + " bytes");
        }
    }

    private static Digest digest(ObjectNode context, String place) {
        if (!context.path("digest").isString()) {
            throw ProblemException.invalid(place + ".digest", "missing, or no string");
        }
        try {
            return Digest.parse(context.path("digest").stringValue());
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(place + ".digest", String.valueOf(e.getMessage()));
        }
    }

    /** Of a list of objects each of which has a kind; what is none of these the reader of the request refuses. */
    private static void refuseUnknown(JsonNode list, String place, Map<String, Set<String>> kinds) {
        for (int i = 0; i < list.size(); i++) {
            Set<String> known = kinds.get(list.path(i).path("type").asString(""));
            if (known != null && list.path(i) instanceof ObjectNode object) {
                refuseUnknown(object, known, place + "[" + i + "].");
            }
        }
    }

    private static void refuseUnknown(ObjectNode object, Set<String> known, String prefix) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                String shown = prefix + (name.length() <= 100 ? name : name.substring(0, 100) + "…");
                throw ProblemException.invalid(shown, "there is no such field; known: "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        }
    }

    BuildRequest request(BuildId id, Instant now) {
        ObjectNode whole = json.deepCopy();
        whole.put("id", id.value());
        whole.put("submitted", now.toString());
        return BuildForm.checked(RequestJson.read(JsonFields.of(whole)));
    }

    BuildSecrets secrets() {
        return secrets;
    }
}
