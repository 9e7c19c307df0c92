package dev.kiln.layercache.index;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.durable.Findings;

/** Reads every entry of an index that nobody uses. */
public final class IndexCheck {

    private IndexCheck() {}

    /** Returns the entries that are whole. */
    public static List<CacheEntry> run(Path root, Findings findings) throws IOException {
        List<CacheEntry> whole = new ArrayList<>();
        Path entries = root.resolve("entries");
        if (!Files.isDirectory(entries)) {
            return whole;
        }
        try (DirectoryStream<Path> prefixes = Files.newDirectoryStream(entries, Files::isDirectory)) {
            for (Path prefix : prefixes) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(prefix)) {
                    for (Path file : files) {
                        Optional<CacheEntry> entry = CaffeineCacheIndex.readAt(entries, file);
                        if (entry.isPresent()) {
                            whole.add(entry.get());
                        } else {
                            findings.damaged(file, "no entry of the index, or one that was changed",
                                    () -> Files.deleteIfExists(file));
                        }
                    }
                }
            }
        }
        return whole;
    }
}
