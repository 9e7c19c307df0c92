package dev.kiln.api.http;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Failures as problem documents (RFC 9457). A failure that nobody foresaw gets an id that stands in the document and in
 * the log, and says nothing else to the client.
 */
public final class Problems implements ErrorForm {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final String MEDIA_TYPE = "application/problem+json";

    private final Function<Throwable, Optional<ProblemException>> features;
    private final Supplier<String> ids;

    /**
     * @param features what the features make of the failures that are theirs
     * @param ids fresh ids for failures that nobody foresaw
     */
    public Problems(Function<Throwable, Optional<ProblemException>> features, Supplier<String> ids) {
        this.features = features;
        this.ids = ids;
    }

    @Override
    public Reply reply(Throwable failure, Call call) {
        Optional<ProblemException> known = failure instanceof ProblemException problem
                ? Optional.of(problem)
                : features.apply(failure);
        return known.map(problem -> reply(problem, call.path())).orElseGet(() -> unforeseen(failure, call));
    }

    private Reply unforeseen(Throwable failure, Call call) {
        String id = ids.get();
        LOG.error("unforeseen failure id={} method={} path={}", id, call.method(), call.path(), failure);
        return reply(new ProblemException(HttpProblem.INTERNAL,
                "the server failed; its log has the reason under the id " + id), "urn:kiln:failure:" + id);
    }

    /** The document; {@code instance} says which occurrence it is about. */
    static Reply reply(ProblemException problem, String instance) {
        ObjectNode json = Json.object();
        json.put("type", problem.type().uri());
        json.put("title", problem.type().title());
        json.put("status", problem.type().status());
        json.put("detail", problem.detail());
        json.put("instance", instance);
        problem.members().forEach((name, value) -> json.putPOJO(name, value));
        Reply reply = Reply.of(problem.type().status())
            .body(MEDIA_TYPE, new Reply.Body.Bytes(Json.write(json)));
        if (problem.retryAfter().isPresent()) {
            long seconds = Math.max(1, problem.retryAfter().get().toSeconds());
            reply = reply.header("Retry-After", Long.toString(seconds));
        }
        if (problem.type() == HttpProblem.RANGE) {
            reply = reply.header("Content-Range", "bytes */" + problem.members().get("size"));
        }
        return problem.type() == HttpProblem.UNAUTHORIZED
                ? reply.header("WWW-Authenticate", "Bearer realm=\"kiln\"")
                : reply;
    }

    /** Passes requests on to the router, but for those whose path it could not decode. */
    public static Handler<HttpServerRequest> guard(Router router) {
        return request -> {
            if (isDecodable(request.path())) {
                router.handle(request);
            } else {
                refuse(request, HttpProblem.INVALID_REQUEST, "the path of the request cannot be decoded");
            }
        };
    }

    private static boolean isDecodable(@Nullable String path) {
        if (path == null || !path.startsWith("/")) {
            return false;
        }
        for (int at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) {
            if (at + 2 >= path.length() || Character.digit(path.charAt(at + 1), 16) < 0
                    || Character.digit(path.charAt(at + 2), 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Answers a request that is no HTTP as this server takes it; on the event loop. */
    public static void refuse(HttpServerRequest request) {
        String name = request.decoderResult().cause().getClass().getSimpleName();
        HttpProblem type = switch (name) {
            case "TooLongHttpHeaderException" -> HttpProblem.HEADERS_TOO_LARGE;
            case "TooLongHttpLineException" -> HttpProblem.URI_TOO_LONG;
            default -> HttpProblem.INVALID_REQUEST;
        };
        refuse(request, type, "the request cannot be read as HTTP/1.1");
    }

    private static void refuse(HttpServerRequest request, HttpProblem type, String detail) {
        Reply reply = reply(new ProblemException(type, detail), "/");
        request.response()
            .setStatusCode(reply.status())
            .putHeader("Content-Type", MEDIA_TYPE)
            .putHeader("Connection", "close");
        if (reply.body() instanceof Reply.Body.Bytes(byte[] bytes)) {
            request.response().end(Buffer.buffer(bytes)).onComplete(_ -> request.connection().close());
        }
    }
}
