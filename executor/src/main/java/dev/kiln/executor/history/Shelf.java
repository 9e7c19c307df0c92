package dev.kiln.executor.history;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;

/**
 * A bounded directory of small files by name. What is given is there at once for everybody and on disk soon: a thread of
 * the shelf's own compresses and writes, so that nobody waits for it unless too much is waiting. When there is too much,
 * what was used least of late is forgotten.
 *
 * <p>A file that cannot be written or read is logged and counts as absent. Safe for many threads.
 */
final class Shelf implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shelf.class);
    private static final long MOST_WAITING = 64L << 20;
    private static final int LARGEST = 64 << 20;

    /**
     * @param bytes what the files may have together
     * @param files how many there may be
     * @param age since a file was written, after which the next start forgets it
     */
    record Bounds(long bytes, int files, Duration age) {}

    private final Path directory;
    private final Bounds bounds;
    private final TempFolder temp;
    private final Thread writer;
    /** Sizes by name, the one used least of late first. */
    private final LinkedHashMap<String, Integer> known = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<String, byte[]> waiting = new LinkedHashMap<>();
    private long bytes;
    private long waitingBytes;
    private boolean closed;

    private Shelf(Path directory, Bounds bounds, TempFolder temp) {
        this.directory = directory;
        this.bounds = bounds;
        this.temp = temp;
        this.writer = Thread.ofVirtual().name("shelf " + directory.getFileName()).unstarted(this::write);
    }

    static Shelf open(Path directory, Bounds bounds, Instant now) throws IOException {
        DurableFiles.createDirectories(directory);
        Shelf shelf = new Shelf(directory, bounds, TempFolder.open(directory.resolve("tmp")));
        shelf.load(now.minus(bounds.age()));
        shelf.writer.start();
        return shelf;
    }

    private record Found(String name, Instant written, long size) {}

    private synchronized void load(Instant oldest) throws IOException {
        List<Found> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
                if (is.isRegularFile()) {
                    found.add(new Found(file.getFileName().toString(), is.lastModifiedTime().toInstant(), is.size()));
                }
            }
        }
        found.sort(Comparator.comparing(Found::written));
        for (Found file : found) {
            if (file.written.isBefore(oldest) || file.size > bounds.bytes) {
                delete(file.name);
            } else {
                known.put(file.name, (int) file.size);
                bytes += file.size;
            }
        }
        forgetOldest();
    }

    /** The bytes that were given last under this name; not to be changed. */
    Optional<byte[]> get(String name) {
        synchronized (this) {
            byte[] soon = waiting.get(name);
            if (soon != null || known.get(name) == null) {
                return Optional.ofNullable(soon);
            }
        }
        try {
            return Optional.of(inflated(Files.readAllBytes(directory.resolve(name))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("action=read-history file={} outcome=forgotten", directory.resolve(name), e);
            remove(name);
            return Optional.empty();
        }
    }

    /** @throws IOException when it is damaged, or more than anybody gave */
    private byte[] inflated(byte[] file) throws IOException {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(file))) {
            byte[] content = in.readNBytes(LARGEST);
            if (in.read() >= 0) {
                throw new IOException("it holds more than " + LARGEST + " bytes");
            }
            return content;
        }
    }

    private static byte[] deflated(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(content.length / 2 + 64);
        Deflater fast = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, fast, 16 * 1024)) {
            out.write(content);
        } finally {
            fast.end();
        }
        return bytes.toByteArray();
    }

    /** Whether there is something under this name; it counts as used then. */
    synchronized boolean has(String name) {
        return known.get(name) != null;
    }

    /** @param content not to be changed afterwards */
    synchronized void put(String name, byte[] content) {
        if (closed || content.length > Math.min(bounds.bytes, LARGEST)) {
            return;
        }
        count(name, content.length);
        byte[] before = waiting.put(name, content);
        waitingBytes += content.length - (before == null ? 0 : before.length);
        notifyAll();
        forgetOldest();
        awaitRoom();
    }

    /** Forgets what turned out to be damaged. */
    synchronized void remove(String name) {
        Integer size = known.remove(name);
        bytes -= size == null ? 0 : size;
        byte[] soon = waiting.remove(name);
        waitingBytes -= soon == null ? 0 : soon.length;
        delete(name);
    }

    private void count(String name, int size) {
        Integer before = known.put(name, size);
        bytes += size - (before == null ? 0 : before);
    }

    private void forgetOldest() {
        Iterator<Map.Entry<String, Integer>> oldest = known.entrySet().iterator();
        while ((bytes > bounds.bytes || known.size() > bounds.files) && oldest.hasNext()) {
            Map.Entry<String, Integer> next = oldest.next();
            oldest.remove();
            bytes -= next.getValue();
            byte[] soon = waiting.remove(next.getKey());
            waitingBytes -= soon == null ? 0 : soon.length;
            delete(next.getKey());
        }
    }

    /** A build that tells faster than the disk writes waits for it, rather than that memory runs out. */
    private void awaitRoom() {
        boolean interrupted = false;
        while (waitingBytes > MOST_WAITING && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void delete(String name) {
        try {
            Files.deleteIfExists(directory.resolve(name));
        } catch (IOException e) {
            LOG.warn("action=forget-history file={}", directory.resolve(name), e);
        }
    }

    private record Waiting(String name, byte[] content) {}

    private void write() {
        for (Waiting next = next(); next != null; next = next()) {
            int size = 0;
            try {
                byte[] file = deflated(next.content);
                DurableFiles.write(temp, directory.resolve(next.name), file);
                size = file.length;
            } catch (IOException e) {
                LOG.warn("action=keep-history file={}", directory.resolve(next.name), e);
            }
            written(next, size);
        }
    }

    /** Null when everything is written and nothing comes any more. */
    private synchronized @Nullable Waiting next() {
        while (waiting.isEmpty()) {
            if (closed) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                LOG.debug("only close() ends the writer", e);
            }
        }
        Map.Entry<String, byte[]> first = waiting.entrySet().iterator().next();
        return new Waiting(first.getKey(), first.getValue());
    }

    /** What was forgotten while it was written goes at once. */
    private synchronized void written(Waiting done, int size) {
        if (waiting.remove(done.name, done.content)) {
            waitingBytes -= done.content.length;
            count(done.name, size);
        }
        if (!known.containsKey(done.name)) {
            delete(done.name);
        }
        notifyAll();
    }

    /** Writes what waits; then this is of no use any more. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        temp.close();
    }
}
