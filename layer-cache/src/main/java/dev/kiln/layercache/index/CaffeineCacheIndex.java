package dev.kiln.layercache.index;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.layercache.durable.DurableFiles;
import dev.kiln.layercache.durable.TempFolder;
import dev.kiln.layercache.oci.Digest;

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

    @Override
    public void close() throws IOException {
        temp.close();
    }

    private @Nullable CacheEntry load(CacheKey key) {
        Path file = path(key);
        try {
            if (Files.size(file) <= MAX_FILE) {
                Optional<CacheEntry> entry = CacheEntryCodec.decode(Files.readAllBytes(file));
                if (entry.filter(e -> e.key().equals(key)).isPresent()) {
                    return entry.get();
                }
            }
            LOG.warn("cache-entry-damaged key={} removed={}", key, file);
            Files.deleteIfExists(file);
            return null;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("reading the cache entry " + key, e);
        }
    }

    private Path path(CacheKey key) {
        Digest digest = key.digest();
        return entries.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
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
