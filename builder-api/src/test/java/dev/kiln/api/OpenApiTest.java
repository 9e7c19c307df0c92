package dev.kiln.api;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

import dev.kiln.api.builds.BuildProblem;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the routes to the description, both ways. That every answer of every other test is described is checked by
 * {@link TestFarm}.
 */
@Timeout(60)
class OpenApiTest {
    @TempDir
    Path folder;

    private static String template(Route route) {
        Object path = route.getMetadata("path");
        return path != null ? path.toString() : route.getPath().replaceAll(":([a-z]+)", "{$1}");
    }

    @Test
    void routes_andDescription_areTheSame() throws Exception {
        Set<String> described = OpenApi.all()
            .stream()
            .map(o -> o.id() + " " + o.method() + " " + o.path())
            .collect(Collectors.toCollection(TreeSet::new));
        try (TestFarm farm = new TestFarm(folder)) {
            Set<String> routed = farm.server()
                .router()
                .getRoutes()
                .stream()
                .filter(route -> route.methods() != null && !route.methods().isEmpty())
                .map(route -> route.getName() + " "
                        + route.methods().stream().map(HttpMethod::name).collect(Collectors.joining(",")) + " "
                        + template(route))
                .collect(Collectors.toCollection(TreeSet::new));
            assertThat(routed).isEqualTo(described);
        }
    }

    @Test
    void problemTypes_andDescription_areTheSame() {
        Set<String> described = new TreeSet<>();
        OpenApi.document().at("/components/schemas/ProblemType/enum").forEach(t -> described.add(t.stringValue()));
        Set<String> known = Stream
            .<ProblemType>concat(Stream.of(HttpProblem.values()), Stream.of(BuildProblem.values()))
            .map(ProblemType::uri)
            .collect(Collectors.toCollection(TreeSet::new));
        assertThat(known).isEqualTo(described);
    }

    @Test
    void references_allLeadSomewhere() {
        OpenApi.document()
            .findValuesAsString("$ref")
            .forEach(ref -> assertThat(OpenApi.document().at(ref.substring(1)).isMissingNode()).as(ref).isFalse());
    }

    @Test
    void parametersInPaths_areDescribed() {
        OpenApi.document().get("paths").properties().forEach(path -> {
            Set<String> inPath = java.util.regex.Pattern.compile("\\{([a-z]+)}")
                .matcher(path.getKey())
                .results()
                .map(r -> r.group(1))
                .collect(Collectors.toSet());
            path.getValue().properties().stream().filter(m -> m.getValue().has("operationId")).forEach(method -> {
                Set<String> described = Stream
                    .concat(path.getValue().path("parameters").valueStream(),
                            method.getValue().path("parameters").valueStream())
                    .map(OpenApiTest::resolved)
                    .filter(p -> p.get("in").stringValue().equals("path"))
                    .map(p -> p.get("name").stringValue())
                    .collect(Collectors.toSet());
                assertThat(described).as(path.getKey()).isEqualTo(inPath);
            });
        });
    }

    private static JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? OpenApi.document().at(node.get("$ref").stringValue().substring(1)) : node;
    }

    @Test
    void document_isServed() throws Exception {
        try (TestFarm farm = new TestFarm(folder)) {
            assertThat(farm.get("/openapi.yaml").body()).startsWith("openapi: 3.1.0").contains("submitBuild");
        }
    }
}
