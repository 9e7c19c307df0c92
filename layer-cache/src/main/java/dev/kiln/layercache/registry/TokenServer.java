package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Asks for bearer tokens where a registry says that there are some: with a password or without any credentials by GET
 * (Docker's token authentication), with an identity token by POST (its OAuth2 form, {@code grant_type=refresh_token}).
 */
final class TokenServer {
    private static final int MAX_ANSWER = 1 << 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /** Token servers want a name of who asks; it has no meaning beyond their logs. */
    private static final String CLIENT = "kiln";

    private final Connections connections;
    private final RegistrySettings settings;

    TokenServer(Connections connections, RegistrySettings settings) {
        this.connections = connections;
        this.settings = settings;
    }

    /** @param scope several with a space between them */
    RegistryJson.Token token(String host, String scope, Challenge challenge, Optional<Credentials> credentials)
            throws IOException, InterruptedException {
        URI realm = realm(host, challenge);
        HttpRequest request = credentials.flatMap(Credentials::identityToken)
            .map(identity -> refresh(realm, scope, challenge, identity))
            .orElseGet(() -> plain(realm, scope, challenge, credentials));
        HttpResponse<InputStream> response = connections.client(realm.getAuthority())
            .send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw refused(host, realm, response.statusCode(), credentials);
            }
            return RegistryJson.token(body.readNBytes(MAX_ANSWER))
                .orElseThrow(() -> RegistryException
                    .protocol("the answer of " + realm.getAuthority() + " holds no token"));
        }
    }

    private static HttpRequest plain(URI realm, String scope, Challenge challenge,
            Optional<Credentials> credentials) {
        String query = Arrays.stream(scope.split(" "))
            .map(s -> "scope=" + encode(s))
            .collect(Collectors.joining("&"));
        String service = challenge.parameters().get("service");
        if (service != null) {
            query += "&service=" + encode(service);
        }
        URI uri = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
        credentials.ifPresent(c -> request.header("Authorization", c.basic()));
        return request.build();
    }

    private static HttpRequest refresh(URI realm, String scope, Challenge challenge, String identity) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "refresh_token");
        form.put("service", challenge.parameters().getOrDefault("service", ""));
        form.put("client_id", CLIENT);
        form.put("scope", scope);
        form.put("refresh_token", identity);
        String body = form.entrySet()
            .stream()
            .map(field -> field.getKey() + "=" + encode(field.getValue()))
            .collect(Collectors.joining("&"));
        return HttpRequest.newBuilder(realm)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    }

    private static RegistryException refused(String host, URI realm, int status, Optional<Credentials> credentials) {
        String why = credentials.isEmpty()
                ? " (no credentials are configured for " + host + ")"
                : credentials.get().identityToken().isPresent()
                        ? " (to an identity token; log in to " + host + " again when it has expired)"
                        : "";
        return new RegistryException(code(status), "asking for a token for " + host + ": " + realm.getAuthority()
                + " answered " + status + why, OptionalInt.of(status), Optional.empty(), null);
    }

    private static RegistryException.Code code(int status) {
        return switch (status) {
            case 429 -> RegistryException.Code.RATE_LIMITED;
            case 408 -> RegistryException.Code.UNAVAILABLE;
            default -> status >= 500 ? RegistryException.Code.UNAVAILABLE : RegistryException.Code.UNAUTHORIZED;
        };
    }

    private URI realm(String host, Challenge challenge) throws RegistryException {
        try {
            URI uri = URI.create(challenge.parameters().getOrDefault("realm", ""));
            boolean safe = "https".equals(uri.getScheme())
                    || "http".equals(uri.getScheme())
                            && settings.speaksPlainHttp(String.valueOf(uri.getAuthority()));
            if (!safe || uri.getHost() == null) {
                throw RegistryException.protocol("the registry " + host
                        + " names a place for tokens that is neither https nor a host that may speak plain HTTP");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            throw RegistryException.protocol("the registry " + host + " names no valid place for tokens");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
