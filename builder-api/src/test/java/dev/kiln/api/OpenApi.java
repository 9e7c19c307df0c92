package dev.kiln.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The description of the API, and what tests have seen of it. */
public final class OpenApi {
    private static final Set<String> METHODS = Set.of("get", "head", "put", "post", "patch", "delete");
    private static final JsonNode DOCUMENT = load();
    private static final List<Operation> OPERATIONS = operations();
    private static final Set<String> SEEN = new ConcurrentSkipListSet<>();

    /** @param responses media types by status; none where no body is described */
    public record Operation(String method, String path, String id, Map<Integer, Set<String>> responses) {
        boolean matches(String otherMethod, String otherPath) {
            return method.equals(otherMethod) && pattern().matcher(otherPath).matches();
        }

        private Pattern pattern() {
            String regex = path.replaceAll("\\{name}", ".+").replaceAll("\\{[a-z]+}", "[^/]+");
            return Pattern.compile(regex);
        }
    }

    private OpenApi() {}

    public static JsonNode document() {
        return DOCUMENT;
    }

    public static List<Operation> all() {
        return OPERATIONS;
    }

    /** {@code operation status} of every answer that was checked. */
    static Set<String> seen() {
        return SEEN;
    }

    /** What is undocumented about an answer; nothing when all is well. The most specific operation counts. */
    public static Optional<String> objection(String method, String path, int status, Optional<String> contentType) {
        Optional<Operation> found = OPERATIONS.stream()
            .filter(o -> o.matches(method, path))
            .max(java.util.Comparator.comparingInt(o -> o.path().length()));
        if (found.isEmpty()) {
            return status == 404 || status == 405 || status == 401 || status == 400
                    ? Optional.empty()
                    : Optional.of("no operation for " + method + " " + path + " → " + status);
        }
        Operation operation = found.get();
        SEEN.add(operation.id() + " " + status);
        Set<String> types = operation.responses().get(status);
        if (types == null) {
            return Optional.of(operation.id() + " has no documented status " + status);
        }
        Optional<String> type = contentType.map(t -> t.replaceAll(";.*", ""));
        if (!types.isEmpty() && type.isPresent() && !types.contains(type.get()) && !types.contains("*/*")) {
            return Optional.of(operation.id() + " " + status + " has no documented content type " + type.get());
        }
        return Optional.empty();
    }

    private static List<Operation> operations() {
        List<Operation> all = new ArrayList<>();
        DOCUMENT.get("paths")
            .properties()
            .forEach(path -> path.getValue()
                .properties()
                .stream()
                .filter(method -> METHODS.contains(method.getKey()))
                .forEach(method -> all
                    .add(new Operation(method.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey(),
                            method.getValue().get("operationId").stringValue(), responses(method.getValue())))));
        return all;
    }

    private static Map<Integer, Set<String>> responses(JsonNode operation) {
        Map<Integer, Set<String>> responses = new TreeMap<>();
        operation.get("responses").properties().forEach(response -> {
            JsonNode body = resolve(response.getValue());
            responses.put(Integer.valueOf(response.getKey()), body.has("content")
                    ? new TreeSet<>(body.get("content").propertyNames())
                    : Set.of());
        });
        return responses;
    }

    private static JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? DOCUMENT.at(node.get("$ref").stringValue().substring(1)) : node;
    }

    private static JsonNode load() {
        try (InputStream in = OpenApi.class.getResourceAsStream("/openapi.yaml")) {
            return new YAMLMapper().readTree(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
