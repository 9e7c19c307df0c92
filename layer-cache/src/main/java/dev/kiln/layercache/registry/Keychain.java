package dev.kiln.layercache.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Knows the credentials for registries. Safe for many threads. */
@FunctionalInterface
public interface Keychain {

    /**
     * @param host of the registry, with its port when it names one
     * @throws IOException when they cannot be looked up; the message holds none of them
     */
    Optional<Credentials> forHost(String host) throws IOException;

    /** Knows none. */
    static Keychain anonymous() {
        return host -> Optional.empty();
    }

    /** Asks {@code first}, then this. */
    default Keychain after(Keychain first) {
        return host -> {
            Optional<Credentials> found = first.forHost(host);
            return found.isPresent() ? found : forHost(host);
        };
    }

    /**
     * What {@code docker login} keeps: {@link DockerConfig}, read again when the file has changed.
     *
     * @throws IOException when the file cannot be read or is not such a file
     */
    static Keychain ofDockerConfig(Path file) throws IOException {
        return DockerConfig.open(file, CredentialHelper.STANDARD);
    }
}
