package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Sends one request as a registry wants it: with what it accepts as authorization, over a bounded number of redirects, and
 * with a timeout that grows with the body. Credentials stay with the host they are for.
 */
final class Transport {
    private static final int REDIRECTS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Slower than this many bytes a second, an upload counts as stuck. */
    private static final long SLOWEST = 64 * 1024;

    /** Makes the body anew for each try. */
    interface Body {
        BodyPublisher open() throws IOException;
    }

    /**
     * @param what the attempt in words, for messages: {@code pushing blob sha256:… of host/name}
     * @param scope for a token, such as {@code repository:name:pull}
     * @param length of the body in bytes
     */
    record Call(String what, String method, URI uri, String scope, Map<String, String> headers, Optional<Body> body,
            long length) {

        static Call of(String what, String method, URI uri, String scope) {
            return new Call(what, method, uri, scope, Map.of(), Optional.empty(), 0);
        }

        Call with(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Call(what, method, uri, scope, more, body, length);
        }

        Call with(Body content, long size) {
            return new Call(what, method, uri, scope, headers, Optional.of(content), size);
        }

        private Call to(URI other) {
            return new Call(what, method, other, scope, headers, body, length);
        }

        private String host() {
            return uri.getAuthority();
        }
    }

    private final HttpClient http;
    private final Authenticator authenticator;

    Transport(HttpClient http, Authenticator authenticator) {
        this.http = http;
        this.authenticator = authenticator;
    }

    /**
     * The answer, whatever its status; the caller closes its body.
     *
     * @throws RegistryException {@code UNAVAILABLE} when no answer came
     */
    HttpResponse<InputStream> send(Call call) throws IOException, InterruptedException {
        try {
            HttpResponse<InputStream> response = authorized(call);
            Call at = call;
            for (int i = 0; isRedirect(call, response); i++) {
                response.body().close();
                if (i == REDIRECTS) {
                    throw RegistryException.protocol(call.what() + ": more than " + REDIRECTS + " redirects");
                }
                URI next = location(at, response);
                boolean sameHost = String.valueOf(next.getAuthority()).equals(call.host());
                at = at.to(next);
                response = sameHost ? authorized(at) : once(at, Optional.empty());
            }
            return response;
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new RegistryException(RegistryException.Code.UNAVAILABLE,
                    call.what() + ": no answer from the registry " + call.host() + ": " + reason, OptionalInt.empty(),
                    Optional.empty(), e);
        }
    }

    private static boolean isRedirect(Call call, HttpResponse<?> response) {
        return switch (response.statusCode()) {
            case 301, 302, 303, 307, 308 -> call.method().equals("GET") || call.method().equals("HEAD");
            default -> false;
        };
    }

    private static URI location(Call call, HttpResponse<?> response) throws RegistryException {
        try {
            URI next = call.uri().resolve(response.headers().firstValue("Location").orElse(""));
            boolean down = "https".equals(call.uri().getScheme()) && !"https".equals(next.getScheme());
            boolean web = "http".equals(next.getScheme()) || "https".equals(next.getScheme());
            if (web && !down && next.getHost() != null) {
                return next;
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw RegistryException.protocol(call.what() + ": the registry " + call.host()
                + " redirects to where it may not, or to nowhere");
    }

    private HttpResponse<InputStream> authorized(Call call) throws IOException, InterruptedException {
        Optional<String> known = authenticator.header(call.host(), call.scope());
        HttpResponse<InputStream> response = once(call, known);
        if (response.statusCode() != 401) {
            return response;
        }
        authenticator.forget(call.host(), call.scope());
        Optional<String> answer = authenticator.answer(call.host(), call.scope(),
                response.headers().allValues("WWW-Authenticate"));
        if (answer.isEmpty() || answer.equals(known)) {
            return response;
        }
        response.body().close();
        return once(call, answer);
    }

    private HttpResponse<InputStream> once(Call call, Optional<String> authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(call.uri())
            .timeout(PATIENCE.plusSeconds(call.length() / SLOWEST));
        call.headers().forEach(request::setHeader);
        authorization.ifPresent(a -> request.setHeader("Authorization", a));
        BodyPublisher body = call.body().isPresent()
                ? call.body().get().open()
                : HttpRequest.BodyPublishers.noBody();
        return http.send(request.method(call.method(), body).build(), HttpResponse.BodyHandlers.ofInputStream());
    }
}
