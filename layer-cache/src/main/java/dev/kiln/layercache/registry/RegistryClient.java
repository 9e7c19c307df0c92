package dev.kiln.layercache.registry;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

import dev.kiln.layercache.oci.ImageReference;

/** The way to all registries: connections, what they accept as authorization, and when to try again. */
public final class RegistryClient implements AutoCloseable {
    private static final Pace STANDARD = new Pace(Duration.ofSeconds(60), 16 << 20);

    private final Shared shared;
    private final Keychain keychain;
    private final Transport transport;
    private final ResolvedTags resolved;
    private final boolean owner;

    /**
     * @param patience with a registry that says nothing
     * @param chunk how many bytes of a blob go in one request when it could not be sent in one piece
     */
    record Pace(Duration patience, long chunk) {}

    /** What all views of a client have in common. */
    private record Shared(RegistrySettings settings, Connections connections, RetryPolicy retries,
            InstantSource clock, Pace pace, Failures failures, Places.Rests rests, RegistryMeter meter) {}

    public RegistryClient(RegistrySettings settings, Keychain keychain, RetryPolicy retries, InstantSource clock) {
        this(settings, keychain, retries, clock, RegistryMeter.NONE);
    }

    public RegistryClient(RegistrySettings settings, Keychain keychain, RetryPolicy retries, InstantSource clock,
            RegistryMeter meter) {
        this(settings, keychain, retries.heardBy(meter), clock, STANDARD, meter);
    }

    RegistryClient(RegistrySettings settings, Keychain keychain, RetryPolicy retries, InstantSource clock, Pace pace) {
        this(settings, keychain, retries, clock, pace, RegistryMeter.NONE);
    }

    private RegistryClient(RegistrySettings settings, Keychain keychain, RetryPolicy retries, InstantSource clock,
            Pace pace, RegistryMeter meter) {
        this(new Shared(settings, new Connections(settings), retries, clock, pace, new Failures(clock),
                new Places.Rests(clock), meter), keychain, true);
    }

    private RegistryClient(Shared shared, Keychain keychain, boolean owner) {
        this.shared = shared;
        this.keychain = keychain;
        this.owner = owner;
        this.transport = new Transport(shared.connections,
                new Authenticator(new TokenServer(shared.connections, shared.settings), keychain, shared.clock),
                shared.pace.patience, shared.meter);
        this.resolved = new ResolvedTags(shared.settings, shared.clock);
    }

    /**
     * A client that uses these credentials before its own. It shares this one's connections and their limits, and neither
     * tokens nor what tags were found to name: what was got with some credentials serves nobody else. Usable as long as
     * this one is open; closing it closes nothing.
     */
    public RegistryClient with(Keychain first) {
        return new RegistryClient(shared, keychain.after(first), false);
    }

    /** The repository that a reference is in; tag and digest do not matter. */
    public Repository repository(ImageReference reference) {
        URI base = reference.registry().map(shared.settings::base).orElse(shared.settings.farm());
        String name = RegistryHost.repository(reference);
        List<Endpoint> mirrors = shared.settings.host(base.getAuthority())
            .mirrors()
            .stream()
            .map(mirror -> endpoint(shared.settings.base(mirror.host()), mirror.nameOf(name)))
            .toList();
        return new Repository(new Places(mirrors, endpoint(base, name), shared.retries, shared.rests),
                shared.pace.chunk, resolved);
    }

    private Endpoint endpoint(URI base, String name) {
        return new Endpoint(transport, shared.failures, base, name);
    }

    /** Ends all connections; calls under way fail. */
    @Override
    public void close() {
        if (owner) {
            shared.connections.close();
        }
    }
}
