package dev.kiln.cli.plan;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.executor.frontend.Remotes;
import dev.kiln.layercache.oci.Digest;

/** Refuses to look anything up at an address: that is for executors, which guard where they fetch from. */
final class NoRemotes implements Remotes {

    @Override
    public Commit commit(GitRef ref) throws RemoteException {
        throw refused(ref.toString());
    }

    @Override
    public Download download(URI address, Optional<Digest> checksum) throws RemoteException {
        throw refused(String.valueOf(address.getHost()));
    }

    @Override
    public Instant commitTime(GitRef ref, Commit commit) throws RemoteException {
        throw refused(ref.toString());
    }

    @Override
    public boolean isArchive(Digest content) throws RemoteException {
        throw refused("a file");
    }

    @Override
    public Optional<Instant> newestFile(Digest content) throws RemoteException {
        throw refused("a file");
    }

    private static RemoteException refused(String what) {
        return new RemoteException("a plan is made without fetching " + what + ": only a build looks at addresses",
                false,
                null);
    }
}
