package dev.kiln.layercache.registry;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How registries are reached.
 *
 * @param farm where the farm's own registry answers, for names without a host: scheme, host and port
 * @param plainHttp hosts, with their port, that speak HTTP without TLS; those on loopback need not be named
 * @param hosts what is special about single registries, by host with its port
 */
public record RegistrySettings(URI farm, Set<String> plainHttp, Map<String, HostSettings> hosts) {
    private static final int CONNECTIONS = 8;
    /** The farm's own registry is near and all builds need it. */
    private static final int FARM_CONNECTIONS = 64;

    public RegistrySettings {
        plainHttp = Set.copyOf(plainHttp);
        Map<String, HostSettings> canonical = new HashMap<>();
        hosts.forEach((host, settings) -> canonical.put(RegistryHost.canonical(host), settings));
        hosts = Map.copyOf(canonical);
        if (farm.getHost() == null || !("http".equals(farm.getScheme()) || "https".equals(farm.getScheme()))) {
            throw new IllegalArgumentException(
                    "the farm's registry needs an address such as http://host:port, not " + farm);
        }
    }

    /** Nothing is special. */
    public RegistrySettings(URI farm, Set<String> plainHttp) {
        this(farm, plainHttp, Map.of());
    }

    /** Where a registry answers. */
    URI base(String host) {
        String canonical = RegistryHost.canonical(host);
        return URI.create((speaksPlainHttp(canonical) ? "http" : "https") + "://" + canonical);
    }

    HostSettings host(String authority) {
        return hosts.getOrDefault(RegistryHost.canonical(authority), HostSettings.STANDARD);
    }

    int connections(String authority) {
        return host(authority).connections()
            .orElse(authority.equals(farm.getAuthority()) ? FARM_CONNECTIONS : CONNECTIONS);
    }

    /** @param authority host and optional port */
    boolean speaksPlainHttp(String authority) {
        HostSettings own = host(authority);
        if (own.plainHttp().isPresent() || own.tls().isPresent()) {
            return own.plainHttp().orElse(false);
        }
        return plainHttp.contains(authority) || Loopback.names(authority)
                || "http".equals(farm.getScheme()) && authority.equals(farm.getAuthority());
    }
}
