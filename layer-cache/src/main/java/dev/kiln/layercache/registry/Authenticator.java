package dev.kiln.layercache.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Finds the {@code Authorization} that a registry accepts, and remembers it for each host and scope until it expires
 * (Docker's token authentication, which the distribution-spec refers to).
 */
final class Authenticator {
    private static final int MAX_TOKEN_ANSWER = 1 << 20;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private record Key(String host, String scope) {}

    private record Known(String header, Instant expires) {}

    private final HttpClient http;
    private final RegistrySettings settings;
    private final Keychain keychain;
    private final InstantSource clock;
    private final Map<Key, Known> known = new ConcurrentHashMap<>();

    Authenticator(HttpClient http, RegistrySettings settings, Keychain keychain, InstantSource clock) {
        this.http = http;
        this.settings = settings;
        this.keychain = keychain;
        this.clock = clock;
    }

    /** What was accepted before and has not expired. */
    Optional<String> header(String host, String scope) {
        return Optional.ofNullable(known.get(new Key(host, scope)))
            .filter(k -> clock.instant().isBefore(k.expires))
            .map(Known::header);
    }

    void forget(String host, String scope) {
        known.remove(new Key(host, scope));
    }

    /**
     * Answers a challenge; empty when there is nothing to answer it with.
     *
     * @param scope what the request needs, such as {@code repository:app:pull}; several with a space between them
     */
    Optional<String> answer(String host, String scope, List<String> challenges)
            throws IOException, InterruptedException {
        Optional<Challenge> challenge = Challenge.best(challenges);
        if (challenge.isEmpty()) {
            return Optional.empty();
        }
        Optional<Credentials> credentials = keychain.forHost(host);
        Optional<Known> answer = challenge.get().scheme().equals("bearer")
                ? Optional.of(token(host, scope, challenge.get(), credentials))
                : credentials.map(c -> new Known(c.basic(), Instant.MAX));
        answer.ifPresent(a -> known.put(new Key(host, scope), a));
        return answer.map(Known::header);
    }

    private Known token(String host, String scope, Challenge challenge, Optional<Credentials> credentials)
            throws IOException, InterruptedException {
        URI realm = realm(host, challenge, scope);
        HttpRequest.Builder request = HttpRequest.newBuilder(realm).timeout(TIMEOUT);
        credentials.ifPresent(c -> request.header("Authorization", c.basic()));
        HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new RegistryException(code(response.statusCode()),
                        "asking for a token for " + host + ": " + realm.getAuthority() + " answered "
                                + response.statusCode()
                                + (credentials.isPresent() ? "" : " (no credentials are configured for " + host + ")"),
                        OptionalInt.of(response.statusCode()), Optional.empty(), null);
            }
            return read(body.readNBytes(MAX_TOKEN_ANSWER), realm);
        }
    }

    private static RegistryException.Code code(int status) {
        return switch (status) {
            case 429 -> RegistryException.Code.RATE_LIMITED;
            case 408 -> RegistryException.Code.UNAVAILABLE;
            default -> status >= 500 ? RegistryException.Code.UNAVAILABLE : RegistryException.Code.UNAUTHORIZED;
        };
    }

    private Known read(byte[] body, URI realm) throws RegistryException {
        RegistryJson.Token token = RegistryJson.token(body)
            .orElseThrow(() -> RegistryException
                .protocol("the answer of " + realm.getAuthority() + " holds no token"));
        // Used up to a little before its end, so that it does not expire on the way.
        return new Known("Bearer " + token.value(),
                clock.instant().plus(token.life().multipliedBy(9).dividedBy(10)));
    }

    private URI realm(String host, Challenge challenge, String scope) throws RegistryException {
        String realm = challenge.parameters().getOrDefault("realm", "");
        try {
            URI uri = URI.create(realm);
            boolean safe = "https".equals(uri.getScheme())
                    || "http".equals(uri.getScheme())
                            && settings.speaksPlainHttp(String.valueOf(uri.getAuthority()));
            if (!safe || uri.getHost() == null) {
                throw RegistryException.protocol("the registry " + host
                        + " names a place for tokens that is neither https nor a host that may speak plain HTTP");
            }
            String query = Arrays.stream(scope.split(" "))
                .map(s -> "scope=" + URLEncoder.encode(s, StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
            String service = challenge.parameters().get("service");
            if (service != null) {
                query += "&service=" + URLEncoder.encode(service, StandardCharsets.UTF_8);
            }
            return URI.create(realm + (uri.getRawQuery() == null ? "?" : "&") + query);
        } catch (IllegalArgumentException e) {
            throw RegistryException.protocol("the registry " + host + " names no valid place for tokens");
        }
    }
}
