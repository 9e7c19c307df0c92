package dev.kiln.api.distribution;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.api.http.Reply.Header;

/** A failure as the distribution-spec has it. */
final class DistributionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final DistributionError code;
    private final int status;
    private final transient List<Header> headers = new ArrayList<>();

    DistributionException(DistributionError code, String message) {
        this(code, code.status(), message);
    }

    /** @param status where the specification asks for another than the code's usual one */
    DistributionException(DistributionError code, int status, String message) {
        super(message);
        this.code = code;
        this.status = status;
    }

    DistributionException with(String header, String value) {
        headers.add(new Header(header, value));
        return this;
    }

    DistributionError code() {
        return code;
    }

    int status() {
        return status;
    }

    List<Header> headers() {
        return headers;
    }

    /** True when the same request may succeed later. */
    boolean retryable() {
        return code == DistributionError.TOOMANYREQUESTS || code == DistributionError.UNAVAILABLE;
    }
}
