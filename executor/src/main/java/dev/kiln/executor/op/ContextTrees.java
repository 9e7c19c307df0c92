package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

/** Brings in uploaded contexts as directories. Safe for many threads. */
public interface ContextTrees {

    /**
     * The unpacked archive, fetched and unpacked when that has not been done yet, else at once. It stays as it is until
     * the handle is closed, and for a while after.
     *
     * @throws IOException also when the archive is refused: entries that lead out of it
     */
    Tree open(Digest archive) throws IOException, InterruptedException;

    /** A directory that must not be changed. */
    interface Tree extends AutoCloseable {
        Path root();

        /** Digests (SHA-256) of the data of files, by their path in the directory, as far as they are known. */
        default Map<RawPath, Digest> known() {
            return Map.of();
        }

        @Override
        void close();
    }
}
