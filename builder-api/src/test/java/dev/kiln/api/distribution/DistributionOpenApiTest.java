package dev.kiln.api.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import io.vertx.ext.web.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

import static org.assertj.core.api.Assertions.assertThat;

class DistributionOpenApiTest {
    private static final Set<String> METHODS = Set.of("get", "head", "put", "post", "patch", "delete");

    @Test
    void routes_areThoseOfTheDescription(@TempDir Path folder) throws Exception {
        try (TestRegistryServer registry = new TestRegistryServer(folder)) {
            Set<String> routes = new TreeSet<>();
            registry.router().getRoutes().stream().filter(r -> r.methods() != null).forEach(r -> routes.add(line(r)));

            assertThat(routes).hasSize(17).isEqualTo(described());
        }
    }

    private static String line(Route route) {
        Object template = route.getMetadata("path");
        Object path = template == null ? route.getPath() : template;
        return route.methods().iterator().next().name().toLowerCase(Locale.ROOT) + " " + path + " " + route.getName();
    }

    private static Set<String> described() throws IOException {
        Set<String> operations = new TreeSet<>();
        document().get("paths")
            .properties()
            .stream()
            .filter(path -> path.getKey().startsWith("/v2/"))
            .forEach(
                    path -> path.getValue()
                        .properties()
                        .stream()
                        .filter(o -> METHODS.contains(o.getKey()))
                        .forEach(
                                o -> operations.add(o.getKey() + " " + path.getKey() + " "
                                        + o.getValue().get("operationId").stringValue())));
        return operations;
    }

    private static JsonNode document() throws IOException {
        try (InputStream in = DistributionOpenApiTest.class.getResourceAsStream("/openapi.yaml")) {
            return new YAMLMapper().readTree(in.readAllBytes());
        }
    }
}
