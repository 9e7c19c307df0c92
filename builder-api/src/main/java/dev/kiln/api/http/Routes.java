package dev.kiln.api.http;

import io.vertx.ext.web.Router;

/** A feature's part of the HTTP surface. */
public interface Routes {

    /**
     * Adds this feature's routes. Each has one method, a path, and as name the {@code operationId} that
     * {@code openapi.yaml} gives it.
     */
    void addTo(Router router);
}
