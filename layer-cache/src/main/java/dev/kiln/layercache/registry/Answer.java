package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.OptionalLong;

/** What a registry answered. It holds one of the connections to the registry until it is closed or its body has ended. */
final class Answer implements AutoCloseable {
    private final int status;
    private final HttpHeaders headers;
    private final InputStream body;

    Answer(HttpResponse<InputStream> response) {
        this.status = response.statusCode();
        this.headers = response.headers();
        this.body = response.body();
    }

    int status() {
        return status;
    }

    HttpHeaders headers() {
        return headers;
    }

    Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** As announced; empty also when the header is no number. */
    OptionalLong length() {
        try {
            return headers.firstValueAsLong("Content-Length");
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    InputStream body() {
        return body;
    }

    /** The body, when it has at most so many bytes; what is announced larger is not read at all. */
    byte[] body(String what, int limit) throws IOException {
        if (length().orElse(0) <= limit) {
            byte[] bytes = body.readNBytes(limit + 1);
            if (bytes.length <= limit) {
                return bytes;
            }
        }
        throw RegistryException.protocol(what + ": the answer is larger than " + limit + " bytes");
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
