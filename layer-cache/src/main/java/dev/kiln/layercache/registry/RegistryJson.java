package dev.kiln.layercache.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON around registries that is no OCI document: lists of errors, tokens, Docker's config.json. */
final class RegistryJson {
    private static final int MAX_ERRORS = 5;
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(60);
    private static final Duration LONGEST_LIFE = Duration.ofDays(1);

    /**
     * @param life how long it is valid from when it was issued
     * @param issued by the clock of the token server; absent means now
     */
    record Token(String value, Duration life, Optional<Instant> issued) {}

    private RegistryJson() {}

    /**
     * The list of errors of the distribution-spec ("Error Codes"), each as {@code CODE: message}; empty when the body is no
     * such list.
     */
    static List<String> errors(byte[] body) {
        try {
            List<String> texts = new ArrayList<>();
            for (JsonNode error : JsonMapper.shared().readTree(body).path("errors")) {
                if (texts.size() < MAX_ERRORS) {
                    texts.add(error.path("code").asString("") + ": " + error.path("message").asString(""));
                }
            }
            return texts;
        } catch (JacksonException _) {
            return List.of();
        }
    }

    /** The answer of a token server; empty when it holds none. */
    static Optional<Token> token(byte[] body) {
        try {
            JsonNode json = JsonMapper.shared().readTree(body);
            String token = json.path("token").asString(json.path("access_token").asString(""));
            // Docker's token specification: what is not said is 60 seconds, and less than that is not meant.
            long seconds = Math.clamp(json.path("expires_in").asLong(0), SHORTEST_LIFE.toSeconds(),
                    LONGEST_LIFE.toSeconds());
            return token.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Token(token, Duration.ofSeconds(seconds),
                            issued(json.path("issued_at").asString(""))));
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> issued(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException _) {
            // It only makes a token's life shorter.
            return Optional.empty();
        }
    }

    /**
     * What Docker's config.json says of credentials.
     *
     * @throws IllegalArgumentException saying what is wrong, without a piece of the file
     */
    static DockerConfig.Content dockerConfig(byte[] file) {
        JsonNode config;
        try {
            config = JsonMapper.shared().readTree(file);
        } catch (JacksonException _) {
            // Not the parser's text: it may hold a piece of the file.
            throw new IllegalArgumentException("not a Docker config.json");
        }
        Map<String, Credentials> known = new HashMap<>();
        config.path("auths")
            .properties()
            .forEach(auth -> credentials(auth.getValue()).ifPresent(c -> known.put(host(auth.getKey()), c)));
        Map<String, String> helpers = new HashMap<>();
        config.path("credHelpers")
            .properties()
            .forEach(entry -> helpers.put(host(entry.getKey()), helper("credHelpers", entry.getValue())));
        JsonNode all = config.path("credsStore");
        Optional<String> store = all.isMissingNode() || all.isString() && all.asString().isEmpty()
                ? Optional.empty()
                : Optional.of(helper("credsStore", all));
        return new DockerConfig.Content(Map.copyOf(known), store, Map.copyOf(helpers));
    }

    private static String helper(String key, JsonNode name) {
        if (!name.isString() || !CredentialHelper.isName(name.asString())) {
            throw new IllegalArgumentException(key + " names no credential helper: expected letters, digits, and . _ -"
                    + " between them, such as \"secretservice\" for docker-credential-secretservice");
        }
        return name.asString();
    }

    /** The host of a key such as {@code https://index.docker.io/v1/}, under its one name. */
    private static String host(String key) {
        String bare = key.replaceFirst("^https?://", "");
        int slash = bare.indexOf('/');
        return RegistryHost.canonical(slash < 0 ? bare : bare.substring(0, slash));
    }

    private static Optional<Credentials> credentials(JsonNode auth) {
        String identity = auth.path("identitytoken").asString("");
        if (!identity.isEmpty()) {
            return Optional.of(Credentials.ofIdentityToken(identity));
        }
        if (auth.path("auth").asString("").isEmpty()) {
            return auth.has("username")
                    ? Optional.of(new Credentials(auth.path("username").asString(""),
                            auth.path("password").asString("")))
                    : Optional.empty();
        }
        String pair = decode(auth.path("auth").asString(""));
        int colon = pair.indexOf(':');
        return colon < 0
                ? Optional.empty()
                : Optional.of(Credentials.of(pair.substring(0, colon), pair.substring(colon + 1)));
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException("an entry of auths is not base64");
        }
    }

    /**
     * The answer of a credential helper.
     *
     * @throws IllegalArgumentException saying what it is not, without a piece of it
     */
    static Optional<Credentials> helperAnswer(byte[] json) {
        try {
            JsonNode answer = JsonMapper.shared().readTree(json);
            String user = answer.path("Username").asString("");
            String secret = answer.path("Secret").asString("");
            return secret.isEmpty() && user.isEmpty() ? Optional.empty() : Optional.of(Credentials.of(user, secret));
        } catch (JacksonException _) {
            throw new IllegalArgumentException("something else than JSON");
        }
    }
}
