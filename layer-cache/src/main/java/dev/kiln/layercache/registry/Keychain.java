package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Knows the credentials for registries. */
@FunctionalInterface
public interface Keychain {

    /** @param host of the registry, with its port when it names one */
    Optional<Credentials> forHost(String host);

    /** Knows none. */
    static Keychain anonymous() {
        return host -> Optional.empty();
    }

    /** Asks {@code first}, then this. */
    default Keychain after(Keychain first) {
        return host -> first.forHost(host).or(() -> forHost(host));
    }

    /**
     * The credentials that {@code docker login} wrote in clear: {@code auths} of Docker's config.json. An absent file
     * holds none.
     *
     * @throws IOException when the file cannot be read, is not such a file, or relies on credential helpers, which are
     *         not supported
     */
    static Keychain ofDockerConfig(Path file) throws IOException {
        if (!Files.exists(file)) {
            return anonymous();
        }
        Map<String, Credentials> known = new HashMap<>();
        try {
            JsonNode config = JsonMapper.shared().readTree(Files.readAllBytes(file));
            if (config.has("credsStore") || config.has("credHelpers")) {
                throw new IOException("reading registry credentials from " + file
                        + ": credential helpers (credsStore, credHelpers) are not supported yet; use auths");
            }
            config.path("auths")
                .properties()
                .forEach(auth -> decode(auth.getValue())
                    .ifPresent(credentials -> known.put(host(auth.getKey()), credentials)));
        } catch (JacksonException | IllegalArgumentException e) {
            // Not e's text: it may hold a piece of the file.
            throw new IOException("reading registry credentials from " + file + ": not a Docker config.json");
        }
        return host -> Optional.ofNullable(known.get(host));
    }

    private static String host(String key) {
        String bare = key.replaceFirst("^https?://", "");
        int slash = bare.indexOf('/');
        return slash < 0 ? bare : bare.substring(0, slash);
    }

    private static Optional<Credentials> decode(JsonNode auth) {
        if (!auth.has("auth")) {
            return auth.has("username")
                    ? Optional.of(new Credentials(auth.get("username").asString(), auth.path("password").asString("")))
                    : Optional.empty();
        }
        String pair = new String(Base64.getDecoder().decode(auth.get("auth").asString()), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        return colon < 0
                ? Optional.empty()
                : Optional.of(new Credentials(pair.substring(0, colon), pair.substring(colon + 1)));
    }
}
