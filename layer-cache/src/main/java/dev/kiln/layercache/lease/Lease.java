package dev.kiln.layercache.lease;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

import dev.kiln.layercache.oci.Digest;

/**
 * One user's hold on content, see {@link Leases#take}. What a call that returned has held stays held until the lease is
 * closed or expires, also when this process dies. Safe for many threads.
 */
public final class Lease implements AutoCloseable {
    private final Leases leases;
    private final String name;

    Lease(Leases leases, String name) {
        this.leases = leases;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** When the lease ends unless it is renewed before. */
    public Instant expires() {
        return leases.expires(name);
    }

    /** Holds these blobs too. They need not be in the store yet. */
    public void holdBlobs(Collection<Digest> blobs) throws IOException {
        leases.hold(name, blobs, List.of());
    }

    /** Holds this snapshot too. */
    public void holdSnapshot(String snapshot) throws IOException {
        leases.hold(name, List.of(), List.of(snapshot));
    }

    /** Makes the lease end {@code lifetime} from now. */
    public void renew(Duration lifetime) throws IOException {
        leases.renew(name, lifetime);
    }

    /** Lets go of everything. */
    @Override
    public void close() throws IOException {
        leases.release(name);
    }
}
