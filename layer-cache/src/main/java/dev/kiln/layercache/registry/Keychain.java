package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

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
        Map<String, Credentials> known;
        try {
            known = RegistryJson.dockerConfig(Files.readAllBytes(file));
        } catch (IllegalArgumentException e) {
            throw new IOException("reading registry credentials from " + file + ": " + e.getMessage(), e);
        }
        return host -> Optional.ofNullable(known.get(host));
    }
}
