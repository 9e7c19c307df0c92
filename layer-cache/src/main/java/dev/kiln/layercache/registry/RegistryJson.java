package dev.kiln.layercache.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

    /** @param life how long it is valid from now */
    record Token(String value, Duration life) {}

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
            Duration life = Duration.ofSeconds(json.path("expires_in").asLong(SHORTEST_LIFE.toSeconds()));
            return token.isEmpty() ? Optional.empty() : Optional.of(new Token(token, life));
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    /**
     * The credentials by host that {@code auths} of Docker's config.json holds.
     *
     * @throws IllegalArgumentException saying what is wrong, without a piece of the file
     */
    static Map<String, Credentials> dockerConfig(byte[] file) {
        JsonNode config;
        try {
            config = JsonMapper.shared().readTree(file);
        } catch (JacksonException _) {
            // Not the parser's text: it may hold a piece of the file.
            throw new IllegalArgumentException("not a Docker config.json");
        }
        if (config.has("credsStore") || config.has("credHelpers")) {
            throw new IllegalArgumentException(
                    "credential helpers (credsStore, credHelpers) are not supported yet; use auths");
        }
        Map<String, Credentials> known = new HashMap<>();
        config.path("auths")
            .properties()
            .forEach(auth -> credentials(auth.getValue()).ifPresent(c -> known.put(host(auth.getKey()), c)));
        return known;
    }

    private static String host(String key) {
        String bare = key.replaceFirst("^https?://", "");
        int slash = bare.indexOf('/');
        return slash < 0 ? bare : bare.substring(0, slash);
    }

    private static Optional<Credentials> credentials(JsonNode auth) {
        if (!auth.has("auth")) {
            return auth.has("username")
                    ? Optional.of(new Credentials(auth.path("username").asString(""),
                            auth.path("password").asString("")))
                    : Optional.empty();
        }
        String pair = decode(auth.path("auth").asString(""));
        int colon = pair.indexOf(':');
        return colon < 0
                ? Optional.empty()
                : Optional.of(new Credentials(pair.substring(0, colon), pair.substring(colon + 1)));
    }

    private static String decode(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException("an entry of auths is not base64");
        }
    }
}
