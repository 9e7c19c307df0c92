package dev.kiln.executor.solver;

import java.io.IOException;
import java.util.Optional;

import dev.kiln.layercache.index.CacheEntry.CachedLayer;

/** Tells whether a layer that the index names can still be had. Safe for many threads. */
public interface CachedLayers {

    /**
     * The layer as it can be used now, or empty when nothing is left of it: neither its snapshot nor its blob, here or
     * where its base image came from. A snapshot that is gone is left out of what is returned.
     */
    Optional<Result.Layer> restore(CachedLayer layer) throws IOException;

    /** Until the returned is closed, layers that are restored or made stay. For a moment only; does no input or output. */
    default Hold hold() {
        return () -> {};
    }

    /** Has every hold that is open keep the layers of this result too. */
    default void use(Result result) {}

    /** What keeps layers from going. */
    interface Hold extends AutoCloseable {

        /** Does nothing the second time. */
        @Override
        void close();
    }
}
