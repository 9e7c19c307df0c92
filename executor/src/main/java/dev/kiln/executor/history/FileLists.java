package dev.kiln.executor.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

import dev.kiln.executor.history.Shelf.Bounds;
import dev.kiln.layercache.oci.Digest;

/** Which files stand behind a content key. Safe for many threads. */
public final class FileLists implements AutoCloseable {
    private static final Bounds BOUNDS = new Bounds(256L << 20, 2_000, Duration.ofDays(30));

    private final Shelf shelf;

    private FileLists(Shelf shelf) {
        this.shelf = shelf;
    }

    /** Opens the lists at {@code directory}, making it when it is not there. */
    public static FileLists open(Path directory, InstantSource clock) throws IOException {
        return new FileLists(Shelf.open(directory, BOUNDS, clock.instant()));
    }

    /** Keeps the list, unless it is kept already. */
    public void keep(Digest content, FileList list) {
        if (!shelf.has(content.hex())) {
            shelf.put(content.hex(), list.encode());
        }
    }

    Optional<FileList> find(Digest content) {
        Optional<byte[]> file = shelf.get(content.hex());
        Optional<FileList> list = file.flatMap(FileList::decode);
        if (file.isPresent() && list.isEmpty()) {
            shelf.remove(content.hex());
        }
        return list;
    }

    @Override
    public void close() throws IOException {
        shelf.close();
    }
}
