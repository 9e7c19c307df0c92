package dev.kiln.executor.cachemount;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.MountException;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.layercache.posix.Errno;

/**
 * The caches that one step has, in the order in which it asked. For one thread; closing it again does nothing.
 *
 * <p>What the step writes to a cache that it wanted {@code onlyOnSuccess} is kept only after {@link #succeeded}.
 */
public final class Lent implements AutoCloseable {
    private final List<String> names;
    private final CacheFiles files;
    private final Supplier<String> ids;
    private final Return back;
    private final Deque<Mounted> shown = new ArrayDeque<>();
    private final Map<String, ScratchView> views = new LinkedHashMap<>();
    private boolean succeeded;
    private boolean closed;

    interface Return {
        /** @param broken names of caches that nobody may get any more */
        void run(Set<String> broken) throws IOException;
    }

    Lent(List<String> names, CacheFiles files, Supplier<String> ids, Return back) {
        this.names = names;
        this.files = files;
        this.ids = ids;
        this.back = back;
    }

    /** Puts something over a cache that takes what is written. */
    void protect(String name) throws IOException {
        views.put(name, files.view(name, ids.get()));
    }

    /** The step ended well; all of its processes are gone. */
    public void succeeded() {
        succeeded = true;
    }

    /** Where the cache is. Inside, links may lead anywhere, and other steps may be changing what is there. */
    public Path directory(int index) {
        String name = names.get(index);
        ScratchView view = views.get(name);
        return view == null ? files.files(name) : view.root();
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

    /** Goes on to the end whatever fails. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        Set<String> broken = new HashSet<>();
        try (Closeable _ = () -> back.run(broken); Closeable _ = () -> endViews(broken)) {
            for (Mounted mounted : shown) {
                mounted.close();
                Files.delete(mounted.target());
            }
        }
    }

    private void endViews(Set<String> broken) throws IOException {
        IOException first = null;
        for (ScratchView view : views.values()) {
            try {
                if (succeeded) {
                    files.merge(view);
                } else {
                    files.discard(view);
                }
            } catch (IOException | RuntimeException e) {
                broken.add(view.name());
                IOException failure = new IOException("ending a step's view of the cache " + view.name() + " failed: "
                        + e.getMessage(), e);
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
