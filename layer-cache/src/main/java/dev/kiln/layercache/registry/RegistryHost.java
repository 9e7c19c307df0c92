package dev.kiln.layercache.registry;

import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.ImageReference;

/** Names of registries, and the several names that Docker Hub has. */
public final class RegistryHost {
    private static final String HUB = "registry-1.docker.io";
    private static final Set<String> HUB_NAMES = Set.of("docker.io", "index.docker.io", HUB);

    private RegistryHost() {}

    /** The host that answers for this name: Docker Hub's for each of its names, else the name. */
    public static String canonical(String host) {
        return HUB_NAMES.contains(host) ? HUB : host;
    }

    static boolean isHub(String host) {
        return HUB_NAMES.contains(host);
    }

    /** The repository's name as its registry knows it: Docker Hub's own images are under {@code library/}. */
    static String repository(ImageReference reference) {
        boolean official = reference.registry().filter(RegistryHost::isHub).isPresent()
                && reference.repository().indexOf('/') < 0;
        return official ? "library/" + reference.repository() : reference.repository();
    }

    /** @throws IllegalArgumentException when this is no host with an optional port */
    public static void check(String host) {
        new ImageReference(Optional.of(host), "x", Optional.empty(), Optional.empty());
    }
}
