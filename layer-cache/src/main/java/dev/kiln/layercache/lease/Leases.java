package dev.kiln.layercache.lease;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.oci.Digest;

/**
 * All leases of one data folder, each in a small file of its own. One process owns a folder. Expired leases hold nothing and
 * are forgotten when somebody asks.
 *
 * <p>Leases that a dead process left behind go on until they expire: a build that is delivered again still finds its layers.
 * Taking the same name again continues such a lease.
 */
public final class Leases implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final Path folder;
    private final TempFolder temp;
    private final InstantSource clock;
    private final Map<String, LeaseRecord> records = new TreeMap<>();
    private final Set<String> taken = new HashSet<>();

    private Leases(Path folder, TempFolder temp, InstantSource clock) {
        this.folder = folder;
        this.temp = temp;
        this.clock = clock;
    }

    /** Opens the leases at {@code root} with those that are there already; a damaged file is removed and warned of. */
    public static Leases open(Path root, InstantSource clock) throws IOException {
        Path folder = root.toAbsolutePath().resolve("leases");
        DurableFiles.createDirectories(folder);
        Leases leases = new Leases(folder, TempFolder.open(root.toAbsolutePath().resolve("tmp")), clock);
        leases.load();
        return leases;
    }

    /**
     * Takes a lease that ends {@code lifetime} from now, durable at the return.
     *
     * @param name who holds it, 1 to 255 characters on one line
     * @throws IllegalStateException when this process holds a lease of that name
     */
    public synchronized Lease take(String name, Duration lifetime) throws IOException {
        if (taken.contains(name) && live(name).isPresent()) {
            throw new IllegalStateException("the lease " + name + " is taken already");
        }
        Instant end = clock.instant().plus(lifetime);
        save(live(name).map(r -> r.until(end)).orElseGet(() -> new LeaseRecord(name, end)));
        taken.add(name);
        return new Lease(this, name);
    }

    /** The blobs that some lease holds now. */
    public synchronized Set<Digest> heldBlobs() throws IOException {
        forgetExpired();
        Set<Digest> held = new TreeSet<>();
        records.values().forEach(r -> held.addAll(r.blobs()));
        return held;
    }

    /** The snapshots that some lease holds now. */
    public synchronized Set<String> heldSnapshots() throws IOException {
        forgetExpired();
        Set<String> held = new TreeSet<>();
        records.values().forEach(r -> held.addAll(r.snapshots()));
        return held;
    }

    /** Ends the use of the folder; leases that were not closed stay, for the next process. */
    @Override
    public void close() throws IOException {
        temp.close();
    }

    synchronized Instant expires(String name) {
        LeaseRecord record = records.get(name);
        return record == null ? Instant.MIN : record.expires();
    }

    synchronized void hold(String name, Collection<Digest> blobs, Collection<String> snapshots) throws IOException {
        LeaseRecord record = held(name);
        if (!record.blobs().containsAll(blobs) || !record.snapshots().containsAll(snapshots)) {
            save(record.with(blobs, snapshots));
        }
    }

    synchronized void renew(String name, Duration lifetime) throws IOException {
        save(held(name).until(clock.instant().plus(lifetime)));
    }

    synchronized void release(String name) throws IOException {
        taken.remove(name);
        forget(name);
    }

    private LeaseRecord held(String name) {
        return live(name).orElseThrow(() -> new IllegalStateException("the lease " + name
                + " has ended: what it held may have been collected; take it again and check"));
    }

    private Optional<LeaseRecord> live(String name) {
        return Optional.ofNullable(records.get(name)).filter(r -> clock.instant().isBefore(r.expires()));
    }

    private void save(LeaseRecord record) throws IOException {
        DurableFiles.write(temp, file(record.name()), record.encode());
        records.put(record.name(), record);
    }

    private void forgetExpired() throws IOException {
        for (String name : Set.copyOf(records.keySet())) {
            if (live(name).isEmpty()) {
                LOG.info("lease-expired name={}", name);
                forget(name);
            }
        }
    }

    private void forget(String name) throws IOException {
        if (records.remove(name) != null) {
            Files.deleteIfExists(file(name));
        }
    }

    private synchronized void load() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Optional<LeaseRecord> record = LeaseRecord.decode(Files.readAllBytes(file));
                if (record.isPresent() && file.equals(file(record.get().name()))) {
                    records.put(record.get().name(), record.get());
                } else {
                    LOG.warn("lease-damaged file={}", file);
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** A name may hold any character, so its digest names the file. */
    private Path file(String name) {
        return folder.resolve(Digest.sha256(name.getBytes(StandardCharsets.UTF_8)).hex());
    }
}
