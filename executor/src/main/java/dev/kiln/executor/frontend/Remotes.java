package dev.kiln.executor.frontend;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.layercache.oci.Digest;

/**
 * Looks remote sources up before the graph is made, so that it says exactly which content a step takes. For one build:
 * it knows the build's secrets. Safe for many threads.
 */
public interface Remotes {

    /** Finds the commit that the reference means now, and checks it against the reference's checksum. */
    Commit commit(GitRef ref) throws RemoteException, InterruptedException;

    /**
     * Downloads a file into the content store, unless it is known to be unchanged there.
     *
     * @param checksum what the content must have
     */
    Download download(URI address, Optional<Digest> checksum) throws RemoteException, InterruptedException;

    /**
     * A commit.
     *
     * @param hash in full
     */
    record Commit(String hash) {}

    /** When the commit was made; may have to fetch it. */
    Instant commitTime(GitRef ref, Commit commit) throws RemoteException, InterruptedException;

    /** Whether what was downloaded is an archive by its first bytes: a tar, or compressed by gzip, bzip2, xz or zstd. */
    boolean isArchive(Digest content) throws RemoteException, InterruptedException;

    /** The time of the newest regular file of an archive that was downloaded; empty when it is no archive. */
    Optional<Instant> newestFile(Digest content) throws RemoteException, InterruptedException;

    /** @param modified what the server said */
    record Download(Digest content, long size, Optional<Instant> modified) {}

    /** The source could not be had. */
    final class RemoteException extends Exception {
        private final boolean retryable;

        public RemoteException(String message, boolean retryable, @Nullable Throwable cause) {
            super(message, cause);
            this.retryable = retryable;
        }

        public boolean retryable() {
            return retryable;
        }
    }
}
