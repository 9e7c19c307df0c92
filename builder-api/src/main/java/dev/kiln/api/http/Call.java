package dev.kiln.api.http;

import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** One request, as blocking code sees it. Belongs to one thread at a time. */
public final class Call {
    private static final String KEY = Call.class.getName();

    private final RoutingContext routing;
    private final Context loop;
    private final InputStream body;

    private Call(RoutingContext routing, Context loop, InputStream body) {
        this.routing = routing;
        this.loop = loop;
        this.body = body;
    }

    /**
     * Takes hold of the request before any other handler, on the event loop: its body waits until somebody reads it.
     */
    static Call open(RoutingContext routing, Duration patience) {
        Context loop = routing.vertx().getOrCreateContext();
        HttpServerRequest request = routing.request();
        InputStream body = hasBody(request) ? new BodyStream(request, loop, patience) : InputStream.nullInputStream();
        Call call = new Call(routing, loop, body);
        routing.put(KEY, call);
        return call;
    }

    /** The request that was taken hold of; one that the router refused before that is taken hold of now. */
    static Call of(RoutingContext routing) {
        @Nullable
        Call call = routing.get(KEY);
        return call == null ? open(routing, Duration.ZERO) : call;
    }

    public HttpMethod method() {
        return routing.request().method();
    }

    public boolean isHead() {
        return method().equals(HttpMethod.HEAD);
    }

    /** As the client wrote it, without the query. */
    public String path() {
        return String.valueOf(routing.request().path());
    }

    public String pathParam(String name) {
        return String.valueOf(routing.pathParam(name));
    }

    /** The header, which may be given once. */
    public Optional<String> header(String name) {
        List<String> all = routing.request().headers().getAll(name);
        if (all.size() > 1) {
            throw ProblemException.invalid(name, "the header is given " + all.size() + " times");
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst());
    }

    /** The media type of the body in lower case, without parameters; empty when none is said. */
    public String contentType() {
        String value = header("Content-Type").orElse("");
        int semicolon = value.indexOf(';');
        return (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(java.util.Locale.ROOT);
    }

    /** What the client says that the body's length is. */
    public OptionalLong contentLength() {
        @Nullable
        String value = routing.request().getHeader("Content-Length");
        return value == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value));
    }

    /** The query parameters; one that is not {@code known} is refused. */
    public Query query(String... known) {
        return new Query(values(), Set.of(known));
    }

    /** The query parameters, for a protocol whose clients send some that mean nothing here. */
    public Query anyQuery() {
        MultiMap values = values();
        return new Query(values, values.names());
    }

    private MultiMap values() {
        try {
            return routing.queryParams();
        } catch (RuntimeException e) {
            throw new ProblemException(HttpProblem.INVALID_REQUEST, "the query string cannot be decoded", e);
        }
    }

    /**
     * The body. Reads throw {@link ClientGoneException} when the connection breaks before the body has ended, and
     * {@link ProblemException} {@code BODY_TIMEOUT} when nothing comes.
     */
    public InputStream body() {
        return body;
    }

    /** Keeps something for whoever handles this call next; one of a type. */
    public <T> void attach(Class<T> type, T value) {
        routing.put(type.getName(), value);
    }

    /** What was attached. */
    public <T> Optional<T> attached(Class<T> type) {
        @Nullable
        Object value = routing.get(type.getName());
        return Optional.ofNullable(value).map(type::cast);
    }

    RoutingContext routing() {
        return routing;
    }

    Context loop() {
        return loop;
    }

    private static boolean hasBody(HttpServerRequest request) {
        @Nullable
        String length = request.getHeader("Content-Length");
        return length != null ? !length.equals("0") : request.headers().contains("Transfer-Encoding");
    }
}
