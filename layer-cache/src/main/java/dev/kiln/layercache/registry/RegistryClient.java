package dev.kiln.layercache.registry;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import dev.kiln.layercache.oci.ImageReference;

/** The way to all registries: connections, what they accept as authorization, and when to try again. */
public final class RegistryClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http;
    private final Transport transport;
    private final Failures failures;
    private final RegistrySettings settings;
    private final RetryPolicy retries;

    public RegistryClient(RegistrySettings settings, Keychain keychain, RetryPolicy retries, InstantSource clock) {
        this(settings, keychain, retries, clock, PATIENCE);
    }

    /** @param patience with a registry that says nothing */
    RegistryClient(RegistrySettings settings, Keychain keychain, RetryPolicy retries, InstantSource clock,
            Duration patience) {
        this.settings = settings;
        this.retries = retries;
        this.failures = new Failures(clock);
        this.http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(threads)
            .build();
        this.transport = new Transport(http, new Authenticator(http, settings, keychain, clock), patience);
    }

    /** The repository that a reference is in; tag and digest do not matter. */
    public Repository repository(ImageReference reference) {
        URI base = reference.registry().map(settings::base).orElse(settings.farm());
        return new Repository(transport, failures, retries, base, reference.repository());
    }

    /** Ends all connections; calls under way fail. */
    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }
}
