package dev.kiln.executor.worker;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.executor.frontend.Remotes;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.op.RemoteFiles;
import dev.kiln.executor.remote.FetchException;
import dev.kiln.executor.remote.GitSource;
import dev.kiln.executor.remote.GitTree;
import dev.kiln.executor.remote.HttpFile;
import dev.kiln.executor.remote.RemoteAuth;
import dev.kiln.executor.remote.RemoteSources;
import dev.kiln.executor.solver.Op.StepLog;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.layer.Archives;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.oci.Digest;

/** What one build fetches from remotes, with the secrets of that build. */
final class BuildRemotes implements Remotes, RemoteFiles {
    private static final int ERRORS = 2;
    private static final int BUFFER = 256 * 1024;

    private final RemoteSources sources;
    private final BlobReader content;
    private final RemoteAuth auth;

    /** @param content the store that {@code sources} fetches into */
    BuildRemotes(RemoteSources sources, BlobReader content, RemoteAuth auth) {
        this.sources = sources;
        this.content = content;
        this.auth = auth;
    }

    private interface Asking<T> {
        T ask() throws IOException, InterruptedException;
    }

    private static <T> T told(Asking<T> asking) throws RemoteException, InterruptedException {
        try {
            return asking.ask();
        } catch (FetchException e) {
            throw new RemoteException(String.valueOf(e.getMessage()), e.retryable(), e);
        } catch (IOException e) {
            throw new RemoteException("fetching failed: " + e.getMessage(), true, e);
        }
    }

    private static GitSource source(GitRef ref) {
        return new GitSource(ref.remote().url(), ref.ref().orElse(""), ref.checksum(), ref.options().fetchByCommit());
    }

    @Override
    public Commit commit(GitRef ref) throws RemoteException, InterruptedException {
        return told(() -> new Commit(sources.git().resolve(source(ref), auth)));
    }

    @Override
    public Instant commitTime(GitRef ref, Commit commit) throws RemoteException, InterruptedException {
        return told(() -> sources.git().commitTime(source(ref), commit.hash(), auth));
    }

    @Override
    public Download download(URI address, Optional<Digest> checksum) throws RemoteException, InterruptedException {
        return told(() -> {
            HttpFile file = sources.http().fetch(address, checksum, auth);
            return new Download(file.digest(), file.size(), file.lastModified());
        });
    }

    @Override
    public boolean isArchive(Digest file) throws RemoteException, InterruptedException {
        return told(() -> {
            try (InputStream in = content.open(file)) {
                return Archives.isArchive(in);
            }
        });
    }

    @Override
    public Optional<Instant> newestFile(Digest file) throws RemoteException, InterruptedException {
        if (!isArchive(file)) {
            return Optional.empty();
        }
        return told(() -> {
            try (InputStream in = new BufferedInputStream(content.open(file), BUFFER)) {
                return new Archives(ExtractLimits.CONTEXT, Owners.KEEP).newestFile(in);
            }
        });
    }

    @Override
    public void checkOut(OpSpec.Git commit, Path into, StepLog log)
            throws IOException, StepFailed, InterruptedException {
        GitTree tree = new GitTree(commit.subdirectory(), commit.keepGitDirectory(), commit.submodules(),
                commit.commitTimes());
        try {
            sources.git()
                .checkOut(GitSource.of(commit.remote(), commit.ref()), commit.commit(), tree, auth, into,
                        (bytes, length) -> log.write(ERRORS, bytes, length));
        } catch (FetchException e) {
            throw stepFailed(e);
        }
    }

    @Override
    public void fetch(OpSpec.Http file) throws IOException, StepFailed, InterruptedException {
        if (content.size(file.content()).isPresent()) {
            return;
        }
        try {
            HttpFile unused = sources.http().fetch(file.address(), Optional.of(file.content()), auth);
        } catch (FetchException e) {
            throw stepFailed(e);
        }
    }

    /** What another try may mend is the executor's trouble, not the step's. */
    private static StepFailed stepFailed(FetchException e) throws FetchException {
        if (e.retryable()) {
            throw e;
        }
        return new StepFailed(String.valueOf(e.getMessage()), Optional.empty());
    }
}
