package dev.kiln.layercache.index;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;

/**
 * Entries in memory over one small file per key: {@code entries/ba/ba7816bf…}, each with its own checksum. Memory holds what
 * was used of late; the files hold everything, for this process and the next.
 */
public final class CaffeineCacheIndex implements CacheIndex, Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(CaffeineCacheIndex.class);
    private static final long MEMORY = 32L << 20;
    /** No entry that Kiln writes comes near it; a larger file is damage. */
    private static final long MAX_FILE = 16L << 20;

    private final Path entries;
    private final TempFolder temp;
    private final Cache<CacheKey, CacheEntry> memory = Caffeine.newBuilder()
        .maximumWeight(MEMORY)
        .weigher(CaffeineCacheIndex::weight)
        .executor(Runnable::run)
        .build();

    private CaffeineCacheIndex(Path entries, TempFolder temp) {
        this.entries = entries;
        this.temp = temp;
    }

    /** Opens the index at {@code root}, making it when it is not there. */
    public static CaffeineCacheIndex open(Path root) throws IOException {
        Path absolute = root.toAbsolutePath();
        DurableFiles.createDirectories(absolute.resolve("entries"));
        return new CaffeineCacheIndex(absolute.resolve("entries"), TempFolder.open(absolute.resolve("tmp")));
    }

    @Override
    public Optional<CacheEntry> get(CacheKey key) throws IOException {
        try {
            return Optional.ofNullable(memory.get(key, this::load));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void put(CacheEntry entry) throws IOException {
        DurableFiles.write(temp, path(entry.key()), CacheEntryCodec.encode(entry));
        memory.put(entry.key(), entry);
    }

    @Override
    public void remove(CacheKey key) throws IOException {
        Files.deleteIfExists(path(key));
        memory.invalidate(key);
    }

    /** Removes the entries that {@code dead} says so of, and files that are no entries; reads all of them. */
    public void removeIf(Predicate<CacheEntry> dead) throws IOException {
        for (Path file : files()) {
            Optional<CacheEntry> entry = read(file);
            if (entry.isEmpty() || dead.test(entry.get())) {
                Files.deleteIfExists(file);
                entry.ifPresent(e -> memory.invalidate(e.key()));
            }
        }
    }

    /** Removes all entries. */
    public void clear() throws IOException {
        for (Path file : files()) {
            Files.deleteIfExists(file);
        }
        memory.invalidateAll();
    }

    /** Where the entries lie. */
    public Path directory() {
        return entries;
    }

    private List<Path> files() throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> prefixes = Files.newDirectoryStream(entries, Files::isDirectory)) {
            for (Path prefix : prefixes) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(prefix)) {
                    files.forEach(all::add);
                }
            }
        }
        return all;
    }

    private Optional<CacheEntry> read(Path file) throws IOException {
        return readAt(entries, file);
    }

    /** The entry of a file that is where an entry of its key belongs. */
    static Optional<CacheEntry> readAt(Path entries, Path file) throws IOException {
        try {
            return Files.size(file) > MAX_FILE
                    ? Optional.empty()
                    : CacheEntryCodec.decode(Files.readAllBytes(file))
                        .filter(e -> path(entries, e.key()).equals(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() throws IOException {
        temp.close();
    }

    private @Nullable CacheEntry load(CacheKey key) {
        Path file = path(key);
        try {
            if (!Files.exists(file)) {
                return null;
            }
            Optional<CacheEntry> entry = read(file);
            if (entry.isPresent()) {
                return entry.get();
            }
            LOG.warn("cache-entry-damaged key={} removed={}", key, file);
            Files.deleteIfExists(file);
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("reading the cache entry " + key, e);
        }
    }

    private Path path(CacheKey key) {
        return path(entries, key);
    }

    private static Path path(Path entries, CacheKey key) {
        String hex = key.digest().hex();
        return entries.resolve(hex.substring(0, 2)).resolve(hex);
    }

    private static int weight(CacheKey key, CacheEntry entry) {
        int texts = entry.preimage()
            .entrySet()
            .stream()
            .mapToInt(e -> e.getKey().length() + e.getValue().length())
            .sum();
        return 500 + texts + 600 * entry.layers().size();
    }
}
