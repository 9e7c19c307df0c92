package dev.kiln.api.builds;

import java.time.Duration;
import java.util.Optional;

import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.queue.QueueException;
import dev.kiln.queue.json.JsonException;

/** What failures of the queue, of content, of archives and of JSON mean to a client. */
public final class BuildFailures {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private BuildFailures() {}

    /** The problem that a failure is; empty when it is nobody's but the server's own. */
    public static Optional<ProblemException> problem(Throwable failure) {
        return switch (failure) {
            case QueueException e -> queue(e);
            case ContentException e -> content(e);
            case LayerException e -> Optional.of(e.code() == LayerException.Code.TOO_LARGE
                    ? new ProblemException(HttpProblem.TOO_LARGE, message(e), e)
                    : new ProblemException(BuildProblem.CONTEXT, message(e), e));
            case JsonException e -> Optional.of(e.field().isEmpty()
                    ? new ProblemException(HttpProblem.INVALID_REQUEST, message(e))
                    : new ProblemException(HttpProblem.INVALID_REQUEST, message(e)).with("field", e.field()));
            default -> Optional.empty();
        };
    }

    private static Optional<ProblemException> queue(QueueException e) {
        return switch (e.code()) {
            case UNAVAILABLE -> Optional.of(new ProblemException(HttpProblem.UNAVAILABLE,
                    "the broker is away: " + message(e) + "; ask again when it is back", e)
                .retryAfter(RETRY));
            case TOO_LARGE -> Optional.of(new ProblemException(HttpProblem.TOO_LARGE, message(e), e));
            case CORRUPT -> Optional.empty();
        };
    }

    private static Optional<ProblemException> content(ContentException e) {
        return switch (e.code()) {
            case NO_SPACE -> Optional.of(new ProblemException(HttpProblem.NO_SPACE,
                    message(e) + "; free some and send it again", e)
                .retryAfter(Duration.ofMinutes(1)));
            case UNAVAILABLE ->
                Optional.of(new ProblemException(HttpProblem.UNAVAILABLE, message(e), e).retryAfter(RETRY));
            case DIGEST_MISMATCH, SIZE_MISMATCH ->
                Optional.of(new ProblemException(HttpProblem.INVALID_REQUEST, message(e), e).with("field", "digest"));
            case TOO_LARGE -> Optional.of(new ProblemException(HttpProblem.TOO_LARGE, message(e), e));
            case NOT_FOUND, INVALID -> Optional.empty();
        };
    }

    private static String message(Throwable e) {
        return String.valueOf(e.getMessage());
    }
}
