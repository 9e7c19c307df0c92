package dev.kiln.layercache.registry;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The connections to all registries, and how many there may be to each. Safe for many threads. */
final class Connections implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration QUEUE = Duration.ofMinutes(10);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final RegistrySettings settings;
    private final HttpClient usual;
    /** For hosts with certificates of their own, which other hosts are not shown. */
    private final Map<String, HttpClient> special = new HashMap<>();
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    Connections(RegistrySettings settings) {
        this.settings = settings;
        this.usual = client().build();
        settings.hosts()
            .forEach((host, own) -> own.tls()
                .ifPresent(tls -> special.put(host, client().sslContext(tls.context()).build())));
    }

    private HttpClient.Builder client() {
        return HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(threads);
    }

    /** @param authority host and optional port */
    HttpClient client(String authority) {
        return special.getOrDefault(authority, usual);
    }

    Lane lane(String authority) {
        return lanes.computeIfAbsent(authority, name -> new Lane(name, settings.connections(name), QUEUE));
    }

    /** Ends all connections; calls under way fail. */
    @Override
    public void close() {
        usual.shutdownNow();
        special.values().forEach(HttpClient::shutdownNow);
        threads.shutdownNow();
    }
}
