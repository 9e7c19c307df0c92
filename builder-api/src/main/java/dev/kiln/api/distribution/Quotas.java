package dev.kiln.api.distribution;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * Refuses pushes for which there is no room. What is there is counted anew now and then, and whenever a push would be
 * refused, after collecting what may go; between counts it only grows. Safe for many threads.
 */
public final class Quotas {
    private static final Duration FRESH = Duration.ofMinutes(1);
    /** Between two attempts to make room. */
    private static final Duration REST = Duration.ofSeconds(5);

    private final List<QuotaAccount> accounts;
    private final Registry registry;
    private final Relief relief;
    private final InstantSource clock;
    private Instant counted = Instant.MIN;
    private Instant relieved = Instant.MIN;

    /** Collects what may go. */
    @FunctionalInterface
    public interface Relief {
        Relief NONE = () -> {};

        void collect() throws IOException;
    }

    /** @param quotas none means that everything is admitted, and nothing is counted */
    public Quotas(List<Quota> quotas, Registry registry, Relief relief, InstantSource clock) {
        this.accounts = quotas.stream().map(QuotaAccount::new).toList();
        this.registry = registry;
        this.relief = relief;
        this.clock = clock;
    }

    /** The bytes of one upload while a request is busy with it. Belongs to one thread. */
    final class Reservation implements AutoCloseable {
        private final RepositoryName name;
        private final boolean counted;
        private long bytes;

        private Reservation(RepositoryName name, boolean counted) {
            this.name = name;
            this.counted = counted;
        }

        /** Throws {@code DENIED} when there is no room for so many bytes more; takes none. */
        void expect(long more) throws IOException {
            if (!counted) {
                admit(name, more, 0);
            }
        }

        void take(long more) throws IOException {
            if (!counted) {
                admit(name, more, more);
                bytes += more;
            }
        }

        @Override
        public void close() {
            underWay(name, -bytes);
        }
    }

    /** @param bytes what the upload has already */
    Reservation reserve(RepositoryName name, long bytes) throws IOException {
        return reserve(name, bytes, Optional.empty());
    }

    /** @param blob which this will be, when that is known: it takes no room when it is counted already */
    Reservation reserve(RepositoryName name, long bytes, Optional<Digest> blob) throws IOException {
        Reservation reservation = new Reservation(name, blob.filter(b -> isCounted(name, b)).isPresent());
        reservation.take(bytes);
        return reservation;
    }

    private synchronized boolean isCounted(RepositoryName name, Digest blob) {
        return accounts.stream()
            .filter(account -> account.quota().covers(name))
            .allMatch(account -> account.isCounted(blob));
    }

    /** Counts a blob that was pushed, until a manifest refers to it. */
    synchronized void pushed(RepositoryName name, Digest blob, long size) {
        accounts.stream().filter(account -> account.quota().covers(name)).forEach(a -> a.pushed(blob, size));
    }

    /** Throws {@code DENIED} when the repository has no room for what a manifest refers to. */
    void admit(RepositoryName name, Digest manifest, ManifestParts parts) throws IOException {
        check(name, account -> account.missing(manifest, parts), 0);
    }

    /** Counts a manifest that is listed now. */
    synchronized void listed(RepositoryName name, Digest manifest, ManifestParts parts) {
        accounts.stream().filter(account -> account.quota().covers(name)).forEach(a -> a.listed(manifest, parts));
    }

    private void admit(RepositoryName name, long more, long take) throws IOException {
        check(name, _ -> more, take);
    }

    private synchronized void underWay(RepositoryName name, long more) {
        accounts.stream().filter(account -> account.quota().covers(name)).forEach(a -> a.underWay(more));
    }

    private interface Measure {
        long of(QuotaAccount account);
    }

    private void check(RepositoryName name, Measure more, long take) throws IOException {
        if (accounts.isEmpty() || fits(name, more, take).isEmpty()) {
            return;
        }
        if (mayRelieve()) {
            relief.collect();
        }
        count();
        Optional<QuotaAccount> full = fits(name, more, take);
        if (full.isPresent()) {
            throw refusal(name, full.get(), more.of(full.get()));
        }
    }

    /** The quota that does not admit it; when all do, the bytes are taken. */
    private synchronized Optional<QuotaAccount> fits(RepositoryName name, Measure more, long take) throws IOException {
        if (counted.isBefore(clock.instant().minus(FRESH))) {
            count();
        }
        Optional<QuotaAccount> full = accounts.stream()
            .filter(account -> account.quota().covers(name))
            .filter(account -> !account.admits(more.of(account)))
            .findFirst();
        if (full.isEmpty()) {
            underWay(name, take);
        }
        return full;
    }

    private synchronized boolean mayRelieve() {
        Instant now = clock.instant();
        boolean rested = relieved.isBefore(now.minus(REST));
        relieved = rested ? now : relieved;
        return rested;
    }

    private synchronized void count() throws IOException {
        accounts.forEach(QuotaAccount::clearHeld);
        for (RepositoryName name : registry.tags().repositories()) {
            for (Digest manifest : registry.tags().manifests(name)) {
                registry.manifests().parts(name, manifest).ifPresent(parts -> listed(name, manifest, parts));
            }
        }
        accounts.forEach(account -> account.keepWaiting(blob -> registry.files().isThere(blob)));
        counted = clock.instant();
    }

    private static DistributionException refusal(RepositoryName name, QuotaAccount account, long more) {
        return new DistributionException(DistributionError.DENIED,
                "no room for " + more + " bytes more in the repository "
                        + name + ": " + account.quota().where() + " may hold " + account.quota().bytes()
                        + " bytes, and has "
                        + account.used() + " (setting registryQuota); delete images there, or have the quota raised");
    }
}
