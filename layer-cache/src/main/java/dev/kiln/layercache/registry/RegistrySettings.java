package dev.kiln.layercache.registry;

import java.net.URI;
import java.util.Set;

/**
 * How registries are reached.
 *
 * @param farm where the farm's own registry answers, for names without a host: scheme, host and port
 * @param plainHttp hosts, with their port, that speak HTTP without TLS; those on loopback need not be named
 */
public record RegistrySettings(URI farm, Set<String> plainHttp) {

    public RegistrySettings {
        plainHttp = Set.copyOf(plainHttp);
        if (farm.getHost() == null || !("http".equals(farm.getScheme()) || "https".equals(farm.getScheme()))) {
            throw new IllegalArgumentException(
                    "the farm's registry needs an address such as http://host:port, not " + farm);
        }
    }

    /** Where a registry answers. */
    URI base(String host) {
        return URI.create((speaksPlainHttp(host) ? "http" : "https") + "://" + host);
    }

    /** @param authority host and optional port */
    boolean speaksPlainHttp(String authority) {
        return plainHttp.contains(authority) || Loopback.names(authority)
                || "http".equals(farm.getScheme()) && authority.equals(farm.getAuthority());
    }
}
