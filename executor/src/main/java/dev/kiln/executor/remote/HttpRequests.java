package dev.kiln.executor.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.remote.FetchException.Code;

/**
 * Sends GET requests through the guard's proxy, over a bounded number of redirects, which are followed by hand: each is
 * checked, and credentials go to the site that they are for and nowhere else.
 */
final class HttpRequests implements AutoCloseable {
    private static final int REDIRECTS = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final AddressGuard guard;
    private final HttpClient client;

    HttpRequests(AddressGuard guard, GuardProxy proxy) {
        this.guard = guard;
        client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(60))
            .proxy(ProxySelector.of(proxy.address()))
            .build();
    }

    /** An address without credentials, for requests and messages; the query is in it. */
    static URI plain(URI address) {
        String text = address.getScheme() + "://" + address.getRawAuthority()
            .substring(
                    address.getRawAuthority().lastIndexOf('@') + 1)
                + address.getRawPath()
                + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
        return URI.create(text);
    }

    /** The address for people: no query, which may hold a signature. */
    static String shown(URI address) {
        return address.getScheme() + "://" + address.getRawAuthority()
            .substring(
                    address.getRawAuthority().lastIndexOf('@') + 1)
                + address.getRawPath();
    }

    /**
     * The last answer, whatever its status; the caller closes its body.
     *
     * @param authorization for the site of {@code address}
     */
    HttpResponse<InputStream> get(URI address, Map<String, String> headers, Optional<String> authorization)
            throws IOException, InterruptedException {
        URI at = address;
        for (int i = 0; i <= REDIRECTS; i++) {
            guard.resolve(at.getHost());
            HttpRequest.Builder request = HttpRequest.newBuilder(at).timeout(PATIENCE);
            headers.forEach(request::setHeader);
            if (authorization.isPresent() && site(at).equals(site(address))) {
                request.setHeader("Authorization", authorization.get());
            }
            HttpResponse<InputStream> response = send(request.build(), address);
            switch (response.statusCode()) {
                case 301, 302, 303, 307, 308 -> {
                    response.body().close();
                    at = next(at, response, address);
                }
                default -> {
                    return response;
                }
            }
        }
        throw new FetchException(Code.UNAVAILABLE, shown(address) + ": stopped after " + REDIRECTS + " redirects");
    }

    private HttpResponse<InputStream> send(HttpRequest request, URI asked) throws IOException, InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException e) {
            throw new FetchException(Code.UNAVAILABLE, shown(asked) + ": no answer in time", e);
        } catch (IOException e) {
            throw new FetchException(Code.UNAVAILABLE, shown(asked) + ": no answer: " + reason(e), e);
        }
    }

    /** The innermost thing that was said, for the client of the JDK wraps without adding words. */
    static String reason(IOException e) {
        Throwable at = e;
        while (at.getMessage() == null && at.getCause() != null) {
            at = at.getCause();
        }
        return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
    }

    private static String site(URI uri) {
        int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
        return uri.getScheme() + "://" + uri.getHost() + ":" + port;
    }

    private static URI next(URI at, HttpResponse<?> response, URI asked) throws FetchException {
        try {
            URI next = at.resolve(response.headers()
                .firstValue("Location")
                .orElseThrow(
                        () -> new IllegalArgumentException("no location")));
            boolean web = "http".equals(next.getScheme()) || "https".equals(next.getScheme());
            if (web && next.getHost() != null) {
                return plain(next);
            }
        } catch (IllegalArgumentException e) {
            throw new FetchException(Code.REFUSED, shown(asked) + ": it redirects to no valid address", e);
        }
        throw new FetchException(Code.REFUSED, shown(asked) + ": it redirects to what is neither http nor https");
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
