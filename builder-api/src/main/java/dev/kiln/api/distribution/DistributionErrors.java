package dev.kiln.api.distribution;

import java.util.function.Supplier;

import io.vertx.core.http.HttpMethod;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.access.AccessException;
import dev.kiln.api.http.Call;
import dev.kiln.api.http.ErrorForm;
import dev.kiln.api.http.Json;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Reply;
import dev.kiln.layercache.content.ContentException;

/** Failures in the form of the distribution-spec: {@code {"errors": [{"code": …, "message": …}]}}. */
public final class DistributionErrors implements ErrorForm {
    private static final Logger LOG = LoggerFactory.getLogger(DistributionErrors.class);

    private final Supplier<String> ids;

    /** @param ids fresh ids for failures that nobody foresaw */
    public DistributionErrors(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public Reply reply(Throwable failure, Call call) {
        DistributionException known = switch (failure) {
            case DistributionException e -> e;
            case ProblemException e -> http(e);
            case ContentException e -> content(e, call);
            case AccessException e -> access(e);
            default -> unforeseen(failure, call);
        };
        return reply(known);
    }

    private Reply reply(DistributionException e) {
        ObjectNode json = Json.object();
        json.putArray("errors").addObject().put("code", e.code().name()).put("message", String.valueOf(e.getMessage()));
        Reply reply = Reply.of(e.status()).json(json);
        for (Reply.Header header : e.headers()) {
            reply = reply.header(header.name(), header.value());
        }
        return reply;
    }

    private static DistributionException http(ProblemException e) {
        DistributionError code = switch (e.type().status()) {
            case 401 -> DistributionError.UNAUTHORIZED;
            case 404 -> DistributionError.NAME_UNKNOWN;
            case 408 -> DistributionError.BLOB_UPLOAD_INVALID;
            case 413 -> DistributionError.SIZE_INVALID;
            case 503, 507 -> DistributionError.UNAVAILABLE;
            default -> DistributionError.UNSUPPORTED;
        };
        DistributionException error = new DistributionException(code, e.type().status(), e.detail());
        return switch (e.type().status()) {
            case 401 -> error.with("WWW-Authenticate", "Basic realm=\"kiln\"");
            case 416 -> error.with("Content-Range", "bytes */" + e.members().get("size"));
            default -> error;
        };
    }

    private static DistributionException access(AccessException e) {
        String message = String.valueOf(e.getMessage());
        DistributionException error = switch (e.kind()) {
            case UNAUTHORIZED -> new DistributionException(DistributionError.UNAUTHORIZED, message);
            case DENIED -> new DistributionException(DistributionError.DENIED, message);
            case INVALID -> new DistributionException(DistributionError.UNSUPPORTED, 400, message);
            case ABSENT -> new DistributionException(DistributionError.UNSUPPORTED, 404, message);
        };
        return e.challenge().map(challenge -> error.with("WWW-Authenticate", challenge)).orElse(error);
    }

    private DistributionException content(ContentException e, Call call) {
        String message = String.valueOf(e.getMessage());
        return switch (e.code()) {
            case DIGEST_MISMATCH, SIZE_MISMATCH -> new DistributionException(
                    reads(call) ? DistributionError.BLOB_UNKNOWN : DistributionError.DIGEST_INVALID, message);
            case NOT_FOUND -> new DistributionException(DistributionError.BLOB_UNKNOWN, message);
            case NO_SPACE -> new DistributionException(DistributionError.UNAVAILABLE, 507, message);
            case UNAVAILABLE -> new DistributionException(DistributionError.UNAVAILABLE, message);
            case TOO_LARGE -> new DistributionException(DistributionError.SIZE_INVALID, message);
            case INVALID -> unforeseen(e, call);
        };
    }

    /** A reader is not at fault when the bytes here are damaged: the blob is then as good as gone. */
    private static boolean reads(Call call) {
        return call.isHead() || call.method().equals(HttpMethod.GET);
    }

    private DistributionException unforeseen(Throwable failure, Call call) {
        String id = ids.get();
        LOG.error("unforeseen failure id={} method={} path={}", id, call.method(), call.path(), failure);
        return new DistributionException(DistributionError.UNKNOWN,
                "the registry failed; its log has the reason under the id " + id);
    }
}
