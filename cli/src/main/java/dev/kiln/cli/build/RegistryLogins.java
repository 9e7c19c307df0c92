package dev.kiln.cli.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryHost;
import dev.kiln.queue.secret.RegistryLogin;
import dev.kiln.queue.secret.Secret;

/** What this machine's Docker is logged in to registries with, for those that a build names and no others. */
public final class RegistryLogins {

    private RegistryLogins() {}

    /** Where Docker keeps its logins: {@code config.json} in {@code DOCKER_CONFIG}, or in {@code .docker} at home. */
    public static Path file(Map<String, String> environment, String home) {
        String folder = environment.getOrDefault("DOCKER_CONFIG", "");
        return (folder.isBlank() ? Path.of(home, ".docker") : Path.of(folder)).resolve("config.json");
    }

    /**
     * By host; names without one are in the farm, whose token it knows itself.
     *
     * @throws IOException when the file or a credential helper fails; the message holds no credentials
     */
    public static Map<String, RegistryLogin> of(Path file, Collection<ImageReference> images) throws IOException {
        TreeSet<String> hosts = new TreeSet<>();
        images.forEach(image -> image.registry().map(RegistryHost::canonical).ifPresent(hosts::add));
        Map<String, RegistryLogin> logins = new LinkedHashMap<>();
        if (!hosts.isEmpty()) {
            Keychain keychain = Keychain.ofDockerConfig(file);
            for (String host : hosts) {
                Optional<Credentials> found = keychain.forHost(host);
                if (found.isPresent()) {
                    logins.put(host, login(host, found.get()));
                }
            }
        }
        return logins;
    }

    private static RegistryLogin login(String host, Credentials credentials) throws IOException {
        try {
            return new RegistryLogin(credentials.user(),
                    new Secret(credentials.secret().getBytes(StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            throw new IOException("the credentials for " + host + " cannot be sent: " + e.getMessage(), e);
        }
    }
}
