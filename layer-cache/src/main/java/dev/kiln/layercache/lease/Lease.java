package dev.kiln.layercache.lease;

/**
 * One user's hold on all that is used while it is open, see {@link Leases}. Closing it again does nothing. Safe for many
 * threads.
 */
public final class Lease implements AutoCloseable {
    private final Leases leases;
    private final long start;

    Lease(Leases leases, long start) {
        this.leases = leases;
        this.start = start;
    }

    @Override
    public void close() {
        leases.close(start);
    }
}
