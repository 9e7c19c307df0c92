package dev.kiln.executor.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;
import dev.kiln.layercache.posix.Spreading;

/**
 * Directories of unpacked archives. An archive is unpacked once, whoever asks for it at the same time, and on a thread of
 * its own, so that a build that is cancelled does not take it away from another; when nobody waits any more the unpacking
 * is given up. What no build uses is kept for the next one, the last used first, up to a number and a size.
 *
 * <p>Nothing survives a restart: the constructor empties the directory.
 */
final class UnpackedContexts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnpackedContexts.class);

    /** How many are looked at for one that is near. */
    private static final int CANDIDATES = 4;

    private final Path directory;
    private final int maxIdle;
    private final long maxIdleBytes;
    private final InstantSource clock;
    private final ExecutorService threads = Executors
        .newCachedThreadPool(Thread.ofPlatform().daemon().name("context-", 0).factory());
    /** Guarded by this. In the order in which they were last used. */
    private final LinkedHashMap<Digest, Slot> slots = new LinkedHashMap<>();
    /** Guarded by this. */
    private long serial;

    /** Brings files about in a directory that it takes from the ground. */
    interface Unpacking {
        /** Gives up promptly when interrupted. */
        Filled unpack(Ground ground) throws IOException, InterruptedException;
    }

    /**
     * What was unpacked.
     *
     * @param bytes that it takes
     * @param listing what it is, where that is known
     */
    record Filled(long bytes, Optional<ContextListing> listing) {}

    /** Where to unpack: into an empty directory, or over another context that nobody needs any more. */
    final class Ground {
        private final Path empty;
        private Optional<Path> taken = Optional.empty();

        private Ground(Path empty) {
            this.empty = empty;
        }

        Path fresh() throws IOException {
            taken = Optional.of(Files.createDirectory(empty));
            return empty;
        }

        /** A directory from which it is less than half the way, if there is one; it is the caller's to change now. */
        Optional<Near> near(ContextListing wanted) {
            Optional<Near> found = adopt(wanted);
            found.ifPresent(near -> taken = Optional.of(near.directory()));
            return found;
        }
    }

    record Near(Path directory, TreeChanges changes) {}

    /** A context in use. */
    private static final class Slot {
        private final CompletableFuture<Unpacked> ready = new CompletableFuture<>();
        private Future<?> task = CompletableFuture.completedFuture(null);
        private int users;
        private Instant lastUsed = Instant.MIN;

        private boolean isDone() {
            return ready.isDone() && !ready.isCompletedExceptionally();
        }
    }

    private record Unpacked(Path directory, Filled files, Map<RawPath, Digest> known) {

        static Unpacked of(Path directory, Filled files) {
            Map<RawPath, Digest> known = new HashMap<>();
            files.listing().ifPresent(listing -> listing.files().forEach(f -> known.put(f.name(), f.data())));
            return new Unpacked(directory, files, known);
        }
    }

    /** @param directory for this alone; made when missing */
    UnpackedContexts(Path directory, int maxIdle, long maxIdleBytes) throws IOException {
        this(directory, maxIdle, maxIdleBytes, InstantSource.system());
    }

    UnpackedContexts(Path directory, int maxIdle, long maxIdleBytes, InstantSource clock) throws IOException {
        this.clock = clock;
        this.directory = directory;
        this.maxIdle = maxIdle;
        this.maxIdleBytes = maxIdleBytes;
        Files.createDirectories(directory);
        boolean _ = Spreading.of(RawPath.of(directory));
        try (Stream<Path> left = Files.list(directory)) {
            for (Path path : left.toList()) {
                Posix.deleteTree(RawPath.of(path));
            }
        }
    }

    /** The directory of the archive; it stays until the handle is closed. */
    Handle open(Digest archive, Unpacking unpacking) throws IOException, InterruptedException {
        Slot slot = take(archive, unpacking);
        try {
            return new Handle(archive, slot, slot.ready.get());
        } catch (ExecutionException e) {
            release(archive, slot);
            switch (e.getCause()) {
                case ContextException known ->
                    throw new ContextException(known.code(), String.valueOf(known.getMessage()), known.retryable(),
                            known);
                case IOException io -> throw new IOException(io.getMessage(), io);
                case null, default -> throw new IllegalStateException("unpacking the context failed", e.getCause());
            }
        } catch (InterruptedException e) {
            release(archive, slot);
            throw e;
        }
    }

    private synchronized Slot take(Digest archive, Unpacking unpacking) {
        Slot slot = slots.remove(archive);
        if (slot == null) {
            slot = new Slot();
            start(slot, archive, unpacking, directory.resolve(archive.hex() + "-" + serial++));
        }
        slots.put(archive, slot);
        slot.lastUsed = clock.instant();
        slot.users++;
        return slot;
    }

    private Optional<Near> adopt(ContextListing wanted) {
        for (Map.Entry<Digest, Unpacked> idle : idle().entrySet()) {
            Optional<ContextListing> there = idle.getValue().files().listing();
            if (there.isPresent()) {
                TreeChanges changes = TreeChanges.between(there.get(), wanted);
                if (2 * changes.size() < wanted.entries().size() && takeIdle(idle.getKey())) {
                    return Optional.of(new Near(idle.getValue().directory(), changes));
                }
            }
        }
        return Optional.empty();
    }

    /** Some that nobody uses, the last used first. */
    private synchronized Map<Digest, Unpacked> idle() {
        Map<Digest, Unpacked> idle = new LinkedHashMap<>();
        for (Digest archive : slots.sequencedKeySet().reversed()) {
            Slot slot = slots.get(archive);
            if (slot != null && slot.users == 0 && slot.isDone() && idle.size() < CANDIDATES) {
                idle.put(archive, slot.ready.join());
            }
        }
        return idle;
    }

    private synchronized boolean takeIdle(Digest archive) {
        Slot slot = slots.get(archive);
        boolean free = slot != null && slot.users == 0 && slot.isDone();
        if (free) {
            slots.remove(archive);
        }
        return free;
    }

    /** How many hold or wait for the archive. */
    synchronized int users(Digest archive) {
        Slot slot = slots.get(archive);
        return slot == null ? 0 : slot.users;
    }

    /** A directory that is complete. */
    record Kept(Digest archive, Path directory, Instant lastUsed, boolean inUse) {}

    /** All that are complete, the longest unused first. */
    synchronized List<Kept> kept() {
        List<Kept> kept = new ArrayList<>();
        slots.forEach((archive, slot) -> {
            if (slot.isDone()) {
                kept.add(new Kept(archive, slot.ready.join().directory(), slot.lastUsed, slot.users > 0));
            }
        });
        return kept;
    }

    /** Takes out a directory that nobody uses, for the caller to delete. */
    synchronized Optional<Path> discard(Digest archive) {
        Slot slot = slots.get(archive);
        if (slot == null || slot.users > 0 || !slot.isDone()) {
            return Optional.empty();
        }
        slots.remove(archive);
        return Optional.of(slot.ready.join().directory());
    }

    private void start(Slot slot, Digest archive, Unpacking unpacking, Path into) {
        slot.task = threads.submit(() -> {
            Ground ground = new Ground(into);
            try {
                Filled files = unpacking.unpack(ground);
                Path directory = ground.taken.orElseThrow();
                if (!finish(archive, slot, Unpacked.of(directory, files))) {
                    delete(directory);
                }
            } catch (Throwable e) {
                forget(archive, slot);
                ground.taken.ifPresent(UnpackedContexts::delete);
                slot.ready.completeExceptionally(e);
            }
        });
    }

    /** False when nobody waits any more. */
    private synchronized boolean finish(Digest archive, Slot slot, Unpacked unpacked) {
        return slots.get(archive) == slot && slot.ready.complete(unpacked);
    }

    private synchronized void forget(Digest archive, Slot slot) {
        slots.remove(archive, slot);
    }

    private void release(Digest archive, Slot slot) {
        List<Path> unneeded;
        synchronized (this) {
            slot.users--;
            slot.lastUsed = clock.instant();
            if (slot.users == 0 && !slot.ready.isDone()) {
                slots.remove(archive, slot);
                slot.task.cancel(true);
            }
            unneeded = trim();
        }
        unneeded.forEach(UnpackedContexts::delete);
    }

    /** Takes out what is idle beyond the limits, the longest unused first. */
    private List<Path> trim() {
        List<Path> unneeded = new ArrayList<>();
        int idle = 0;
        long bytes = 0;
        for (Digest archive : List.copyOf(slots.sequencedKeySet().reversed())) {
            Slot slot = slots.get(archive);
            if (slot == null || slot.users > 0 || !slot.isDone()) {
                continue;
            }
            Unpacked unpacked = slot.ready.join();
            idle++;
            bytes += unpacked.files().bytes();
            if (idle > maxIdle || bytes > maxIdleBytes) {
                slots.remove(archive);
                unneeded.add(unpacked.directory());
            }
        }
        return unneeded;
    }

    private static void delete(Path path) {
        try {
            Posix.deleteTree(RawPath.of(path));
        } catch (IOException e) {
            LOG.warn("an unpacked context stays behind until the next start path={}", path, e);
        }
    }

    /** Ends all unpacking; directories stay until the next start. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** A hold on an unpacked context. */
    final class Handle implements AutoCloseable {
        private final Digest archive;
        private final Slot slot;
        private final Unpacked unpacked;
        private boolean closed;

        private Handle(Digest archive, Slot slot, Unpacked unpacked) {
            this.archive = archive;
            this.slot = slot;
            this.unpacked = unpacked;
        }

        Path root() {
            return unpacked.directory();
        }

        /** Digests of the data of its files, as far as they are known. */
        Map<RawPath, Digest> known() {
            return unpacked.known();
        }

        /** Does nothing the second time. */
        @Override
        public void close() {
            synchronized (UnpackedContexts.this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            release(archive, slot);
        }
    }
}
