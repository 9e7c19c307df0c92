package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

import dev.kiln.layercache.lease.Marks;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** When manifests were used, as the times of their files. Safe for many threads. */
final class ManifestUses {
    /** A use is written down when it is this far from what is there. */
    private static final Duration HOUR = Duration.ofHours(1);

    private final BiFunction<RepositoryName, Digest, Path> files;
    private final InstantSource clock;
    private final AtomicLong count = new AtomicLong();

    ManifestUses(BiFunction<RepositoryName, Digest, Path> files, InstantSource clock) {
        this.files = files;
        this.clock = clock;
    }

    /** Notes that somebody uses a manifest now; one that is not listed is no error. */
    void note(RepositoryName name, Digest manifest) throws IOException {
        Instant now = clock.instant();
        Optional<Instant> last = last(name, manifest);
        if (last.isPresent() && Duration.between(last.get(), now).abs().compareTo(HOUR) > 0) {
            Marks.used(files.apply(name, manifest), now);
        }
        count.incrementAndGet();
    }

    /** The last use, to the hour; empty when the manifest is not listed. */
    Optional<Instant> last(RepositoryName name, Digest manifest) throws IOException {
        return Posix.lstatIfExists(RawPath.of(files.apply(name, manifest))).map(FileStat::modified);
    }

    /** Grows with every use. */
    long count() {
        return count.get();
    }

    Instant now() {
        return clock.instant();
    }
}
