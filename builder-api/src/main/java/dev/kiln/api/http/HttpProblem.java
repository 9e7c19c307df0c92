package dev.kiln.api.http;

import java.util.Locale;

/** The problems that any part of the surface can have. */
public enum HttpProblem implements ProblemType {
    INVALID_REQUEST(400, "The request is not valid"),
    UNAUTHORIZED(401, "The token is missing or wrong"),
    NOT_FOUND(404, "There is nothing here"),
    METHOD_NOT_ALLOWED(405, "The method is not for this resource"),
    BODY_TIMEOUT(408, "The body did not come in time"),
    TOO_LARGE(413, "The request is too large"),
    URI_TOO_LONG(414, "The request line is too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body is of a type that is not read here"),
    RANGE(416, "The range is not in the text"),
    HEADERS_TOO_LARGE(431, "The headers are too large"),
    INTERNAL(500, "The server is at fault"),
    UNAVAILABLE(503, "Something that the server needs is away"),
    NO_SPACE(507, "The server's disk is full");

    private final int status;
    private final String title;

    HttpProblem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    @Override
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String title() {
        return title;
    }
}
