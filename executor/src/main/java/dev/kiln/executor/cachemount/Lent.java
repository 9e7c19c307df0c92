package dev.kiln.executor.cachemount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.MountException;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.layercache.posix.Errno;

/** The caches that one step has, in the order in which it asked. For one thread; closing it again does nothing. */
public final class Lent implements AutoCloseable {
    private final List<String> names;
    private final CacheFiles files;
    private final Supplier<String> ids;
    private final Return back;
    private final Deque<Mounted> shown = new ArrayDeque<>();
    private boolean closed;

    interface Return {
        void run() throws IOException;
    }

    Lent(List<String> names, CacheFiles files, Supplier<String> ids, Return back) {
        this.names = names;
        this.files = files;
        this.ids = ids;
        this.back = back;
    }

    /** Where the cache is. Inside, links may lead anywhere, and other steps may be changing what is there. */
    public Path directory(int index) {
        return files.files(names.get(index));
    }

    /**
     * Where a part of the cache can be reached while this is open. Links lead nowhere out of the cache.
     *
     * @return empty when there is nothing at the path
     */
    public Optional<Path> part(int index, String path) throws IOException {
        Path place = files.newPlace(ids.get());
        try {
            shown.push(LinuxMounter.mountInside(directory(index), path, place));
            return Optional.of(place);
        } catch (MountException e) {
            Files.deleteIfExists(place);
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            for (Mounted mounted : shown) {
                mounted.close();
                Files.delete(mounted.target());
            }
        } finally {
            back.run();
        }
    }
}
