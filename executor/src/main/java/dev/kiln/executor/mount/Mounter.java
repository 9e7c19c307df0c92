package dev.kiln.executor.mount;

import java.io.IOException;
import java.nio.file.Path;

/** Mounts and unmounts. Safe for many threads. */
public interface Mounter {

    /** Mounts onto the existing directory {@code target}; closing the result unmounts it and never fails silently. */
    Mounted mount(Mount mount, Path target) throws IOException;

    /** A mount that stands until closed. */
    interface Mounted extends AutoCloseable {
        Path target();

        @Override
        void close() throws IOException;
    }
}
