package dev.kiln.api;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

import dev.kiln.metrics.Durations;

/**
 * Counts and times requests by the name of their route, which is the {@code operationId} of {@code openapi.yaml}; one that
 * came to no route, or not through the gate before it, is {@code none}. Safe for many threads.
 */
final class RequestMeters {
    private static final String NONE = "none";
    private static final List<String> CLASSES = List.of("1xx", "2xx", "3xx", "4xx", "5xx");

    private final MeterRegistry registry;
    private final Map<String, Timer> durations = new ConcurrentHashMap<>();
    private final Counter received;
    private final Counter sent;

    RequestMeters(MeterRegistry registry) {
        this.registry = registry;
        received = bytes("kiln.registry.received", "Bodies of requests to the built-in registry");
        sent = bytes("kiln.registry.sent", "Bodies of answers of the built-in registry");
    }

    private Counter bytes(String name, String description) {
        return Counter.builder(name).description(description).baseUnit("bytes").register(registry);
    }

    /** Has all requests counted that {@code router} gets; its other routes are there already. */
    void watch(Router router) {
        Set<String> names = router.getRoutes()
            .stream()
            .filter(RequestMeters::isAction)
            .map(Route::getName)
            .collect(Collectors.toUnmodifiableSet());
        names.forEach(this::duration);
        router.route().order(-2000).handler(routing -> {
            long begun = System.nanoTime();
            routing.addEndHandler(_ -> ended(routing, names, System.nanoTime() - begun));
            routing.next();
        });
    }

    private static boolean isAction(Route route) {
        return route.methods() != null && !route.methods().isEmpty();
    }

    private void ended(RoutingContext routing, Set<String> names, long nanos) {
        String route = name(routing, names);
        int status = routing.response().getStatusCode();
        Counter.builder("kiln.http.requests")
            .description("Requests by the route's operationId and the class of their status")
            .tag("route", route)
            .tag("status", CLASSES.get(Math.clamp(status / 100 - 1, 0, CLASSES.size() - 1)))
            .register(registry)
            .increment();
        duration(route).record(nanos, TimeUnit.NANOSECONDS);
        if (String.valueOf(routing.request().path()).startsWith("/v2/")) {
            received.increment(routing.request().bytesRead());
            sent.increment(routing.response().bytesWritten());
        }
    }

    private static String name(RoutingContext routing, Set<String> names) {
        @Nullable
        Route route = routing.currentRoute();
        @Nullable
        String name = route == null ? null : route.getName();
        return name != null && names.contains(name) ? name : NONE;
    }

    private Timer duration(String route) {
        return durations.computeIfAbsent(route, name -> Durations
            .histogram("kiln.http.request.duration", "From the head of a request to the end of its answer")
            .tag("route", name)
            .register(registry));
    }
}
