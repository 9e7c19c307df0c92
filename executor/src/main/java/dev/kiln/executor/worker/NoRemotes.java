package dev.kiln.executor.worker;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.executor.frontend.Remotes;
import dev.kiln.layercache.oci.Digest;

/** Refuses every address. */
final class NoRemotes implements Remotes {

    @Override
    public Commit commit(GitRef ref) throws RemoteException {
        throw refused(ref.toString());
    }

    @Override
    public Download download(URI address, Optional<Digest> checksum) throws RemoteException {
        throw refused("a URL");
    }

    @Override
    public Instant commitTime(GitRef ref, Commit commit) throws RemoteException {
        throw refused(ref.toString());
    }

    @Override
    public boolean isArchive(Digest content) throws RemoteException {
        throw refused("a URL");
    }

    @Override
    public Optional<Instant> newestFile(Digest content) throws RemoteException {
        throw refused("a URL");
    }

    private static RemoteException refused(String what) {
        return new RemoteException("fetching " + what + " is not supported yet", false, null);
    }
}
