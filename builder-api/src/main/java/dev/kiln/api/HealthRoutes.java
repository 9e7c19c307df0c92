package dev.kiln.api;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

import io.vertx.ext.web.Router;

import dev.kiln.api.http.Actions;
import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;

/** Probes, and the description of the API. */
final class HealthRoutes implements Routes {
    private final Actions actions;
    private final Readiness readiness;

    HealthRoutes(Actions actions, Readiness readiness) {
        this.actions = actions;
        this.readiness = readiness;
    }

    @Override
    public void addTo(Router router) {
        router.get("/livez").setName("getLive").handler(actions.run(_ -> Reply.of(200).text("alive\n")));
        router.get("/readyz").setName("getReady").handler(actions.run(_ -> ready()));
        router.get("/openapi.yaml").setName("getOpenApi").handler(actions.run(_ -> openApi()));
    }

    private Reply ready() throws InterruptedException {
        List<String> missing = readiness.missing();
        if (!missing.isEmpty()) {
            throw new ProblemException(HttpProblem.UNAVAILABLE, "not ready: " + String.join("; ", missing))
                .retryAfter(Duration.ofSeconds(1));
        }
        return Reply.of(200).text("ready\n");
    }

    private static Reply openApi() throws IOException {
        try (InputStream in = HealthRoutes.class.getResourceAsStream("/openapi.yaml")) {
            if (in == null) {
                throw new IOException("openapi.yaml is not in the jar");
            }
            return Reply.of(200).body("application/yaml", new Reply.Body.Bytes(in.readAllBytes()));
        }
    }
}
