package dev.kiln.layercache.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;

/**
 * Sends one request as a registry wants it: when it has a place for it, with what it accepts as authorization, over a
 * bounded number of redirects, and with a timeout that grows with the body. Credentials stay with the host they are for.
 */
final class Transport {
    private static final int REDIRECTS = 5;
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
     * @param blob true when the body, or that of the answer, is a blob: then the request may take long
     */
    record Call(String what, String method, URI uri, String scope, Map<String, String> headers, Optional<Body> body,
            long length, boolean blob) {

        static Call of(String what, String method, URI uri, String scope) {
            return new Call(what, method, uri, scope, Map.of(), Optional.empty(), 0, false);
        }

        Call with(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Call(what, method, uri, scope, more, body, length, blob);
        }

        Call with(Body content, long size) {
            return new Call(what, method, uri, scope, headers, Optional.of(content), size, blob);
        }

        Call ofBlob() {
            return new Call(what, method, uri, scope, headers, body, length, true);
        }

        private Call to(URI other) {
            return new Call(what, method, other, scope, headers, body, length, blob);
        }

        String host() {
            return uri.getAuthority();
        }
    }

    private final Connections connections;
    private final Authenticator authenticator;
    private final Duration patience;
    private final RegistryMeter meter;

    /** @param patience with a registry that says nothing */
    Transport(Connections connections, Authenticator authenticator, Duration patience, RegistryMeter meter) {
        this.connections = connections;
        this.authenticator = authenticator;
        this.patience = patience;
        this.meter = meter;
    }

    /**
     * The answer, whatever its status; the caller closes it.
     *
     * @throws RegistryException {@code UNAVAILABLE} when no answer came
     */
    Answer send(Call call) throws IOException, InterruptedException {
        Lane.Place place = connections.lane(call.host()).enter(call.what(), call.blob());
        boolean answered = false;
        try {
            Answer answer = new Answer(follow(call, place));
            answered = true;
            return answer;
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw unanswered(call, e);
        } finally {
            if (!answered) {
                place.close();
            }
        }
    }

    private HttpResponse<InputStream> follow(Call call, Lane.Place place) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = authorized(call, place);
        Call at = call;
        for (int i = 0; isRedirect(call, response); i++) {
            leave(response);
            if (i == REDIRECTS) {
                throw RegistryException.protocol(call.what() + ": more than " + REDIRECTS + " redirects");
            }
            URI next = location(at, response);
            boolean sameHost = String.valueOf(next.getAuthority()).equals(call.host());
            at = at.to(next);
            response = sameHost ? authorized(at, place) : once(at, Optional.empty(), place);
        }
        return response;
    }

    /** Closes an answer that another request follows, which keeps the place. */
    private static void leave(HttpResponse<InputStream> response) throws IOException {
        if (response.body() instanceof AnswerStream stream) {
            stream.closeAndStay();
        }
    }

    private static RegistryException unanswered(Call call, IOException e) {
        String message = call.what() + ": no answer from the registry " + call.host() + ": " + reason(e);
        if (isWrongTls(e)) {
            return new RegistryException(RegistryException.Code.PROTOCOL,
                    message + "; if it speaks plain HTTP, name it among the hosts that do; if its certificate is of an"
                            + " authority of your own, name that as its 'ca' in the registries file",
                    OptionalInt.empty(), Optional.empty(), e);
        }
        return new RegistryException(RegistryException.Code.UNAVAILABLE, message, OptionalInt.empty(),
                Optional.empty(), e);
    }

    /** The innermost thing that was said, for the client of the JDK wraps without adding words. */
    static String reason(IOException e) {
        Throwable at = e;
        while (at.getMessage() == null && at.getCause() != null) {
            at = at.getCause();
        }
        return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
    }

    /** True when TLS failed by what the other side is and not by how the connection went: another try is no use. */
    private static boolean isWrongTls(IOException e) {
        boolean tls = false;
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof SocketException || at instanceof EOFException) {
                return false;
            }
            tls |= at instanceof SSLException;
        }
        return tls;
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

    private HttpResponse<InputStream> authorized(Call call, Lane.Place place)
            throws IOException, InterruptedException {
        Optional<String> known = authenticator.header(call.host(), call.scope());
        HttpResponse<InputStream> response = once(call, known, place);
        if (response.statusCode() != 401) {
            return response;
        }
        Optional<String> answer;
        try {
            authenticator.forget(call.host(), call.scope());
            answer = authenticator.answer(call.host(), call.scope(),
                    response.headers().allValues("WWW-Authenticate"));
        } catch (IOException | InterruptedException | RuntimeException e) {
            leave(response);
            throw e;
        }
        if (answer.isEmpty() || answer.equals(known)) {
            return response;
        }
        leave(response);
        return once(call, answer, place);
    }

    private HttpResponse<InputStream> once(Call call, Optional<String> authorization, Lane.Place place)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(call.uri())
            .timeout(patience.plusSeconds(call.length() / SLOWEST));
        call.headers().forEach(request::setHeader);
        authorization.ifPresent(a -> request.setHeader("Authorization", a));
        BodyPublisher body = call.body().isPresent()
                ? call.body().get().open()
                : HttpRequest.BodyPublishers.noBody();
        try {
            HttpResponse<InputStream> response = connections.client(call.host())
                .send(request.method(call.method(), body).build(),
                        answer -> BodySubscribers.mapping(BodySubscribers.ofInputStream(),
                                in -> AnswerStream.of(in, call, patience, place, meter)));
            meter.answered(response.statusCode());
            meter.sent(call.length());
            return response;
        } catch (IOException e) {
            meter.unanswered();
            throw e;
        }
    }
}
