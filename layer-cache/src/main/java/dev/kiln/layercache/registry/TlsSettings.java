package dev.kiln.layercache.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a registry proves who it is, and this client to it. Files are PEM.
 *
 * @param skipVerify takes any certificate, for any host: who is in between reads and changes all
 * @param authorities files with certificates to trust beside those of the Java runtime
 * @param identity what the client shows
 */
public record TlsSettings(boolean skipVerify, List<Path> authorities, Optional<Identity> identity) {
    public TlsSettings {
        authorities = List.copyOf(authorities);
        if (skipVerify && !authorities.isEmpty()) {
            throw new IllegalArgumentException("trusting certificates has no meaning when none is verified");
        }
    }

    /**
     * A client certificate.
     *
     * @param certificate the chain, the client's own first
     * @param key its private key, PKCS #8 without passphrase
     */
    public record Identity(Path certificate, Path key) {}
}
