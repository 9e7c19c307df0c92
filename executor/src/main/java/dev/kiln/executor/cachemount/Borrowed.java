package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A cache that is read while nobody writes to it: who wants it waits until this is closed. Reading is no use that keeps a
 * cache from being removed later. For one thread; closing it again does nothing.
 */
public final class Borrowed implements AutoCloseable {
    private final String name;
    private final CacheFiles files;
    private final Runnable back;
    private boolean closed;

    Borrowed(String name, CacheFiles files, Runnable back) {
        this.name = name;
        this.files = files;
        this.back = back;
    }

    public Path directory() {
        return files.files(name);
    }

    /** What a reader last left with {@link #keepNote}; may be of another form than expected, written by another version. */
    public Optional<byte[]> note() throws IOException {
        return files.note(name);
    }

    /** Leaves up to 64 KiB with the cache, which go when it goes. */
    public void keepNote(byte[] note) throws IOException {
        files.keepNote(name, note);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            back.run();
        }
    }
}
