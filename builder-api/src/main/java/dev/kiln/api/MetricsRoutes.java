package dev.kiln.api;

import io.vertx.ext.web.Router;

import dev.kiln.api.http.Actions;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.Reply;
import dev.kiln.api.http.Routes;
import dev.kiln.metrics.ProcessMetrics;

/** {@code /metrics}, as Prometheus reads it. */
final class MetricsRoutes implements Routes {
    private final Actions actions;
    private final ProcessMetrics metrics;

    MetricsRoutes(Actions actions, ProcessMetrics metrics) {
        this.actions = actions;
        this.metrics = metrics;
    }

    @Override
    public void addTo(Router router) {
        router.get("/metrics").setName("getMetrics").handler(actions.run(this::read));
    }

    private Reply read(Call call) {
        ProcessMetrics.Page page = metrics.read(call.header("Accept").orElse(""));
        return Reply.of(200).body(page.contentType(), new Reply.Body.Bytes(page.bytes()));
    }
}
