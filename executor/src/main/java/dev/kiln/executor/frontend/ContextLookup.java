package dev.kiln.executor.frontend;

import java.net.URI;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitOptions.Mtime;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.GitRemote.Protocol;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.frontend.Remotes.Download;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.layercache.oci.Digest;

/** Turns addresses into ops that say which content they mean now. For one build; safe for many threads. */
record ContextLookup(Remotes remotes) {

    /** What a context's file is called when it is a download. */
    static final String FILE = "context";

    /** How the files of the main context are checked out of git, where the address does not say. */
    record GitDefaults(boolean keepGitDirectory, boolean commitTimes) {
        static final GitDefaults NONE = new GitDefaults(false, false);
    }

    /** Looks the main context up. */
    ContextSource main(ContextSpec spec, GitDefaults git) throws RemoteException, InterruptedException {
        return switch (spec) {
            case ContextSpec.Http(HttpAddress address) -> {
                OpSpec.Http file = http(address, Optional.empty(), FILE);
                yield remotes.isArchive(file.content())
                        ? new ContextSource.Archive(file)
                        : new ContextSource.Files(file);
            }
            case ContextSpec.Git(GitRef ref) -> new ContextSource.Files(git(ref, git));
            case ContextSpec.Image(String reference) ->
                throw new IllegalArgumentException("an image is no main context: " + reference);
            case ContextSpec.Uploaded _,ContextSpec.Nothing _ -> named(spec);
        };
    }

    /** Looks a named context up that is no image. */
    ContextSource named(ContextSpec spec) throws RemoteException, InterruptedException {
        return switch (spec) {
            case ContextSpec.Uploaded(Digest archive, long size) ->
                new ContextSource.Files(new OpSpec.Context(archive, size));
            case ContextSpec.Git(GitRef ref) -> new ContextSource.Files(git(ref, GitDefaults.NONE));
            case ContextSpec.Http(HttpAddress address) ->
                new ContextSource.Files(http(address, Optional.empty(), FILE));
            case ContextSpec.Nothing _ -> new ContextSource.Nothing();
            case ContextSpec.Image(String reference) ->
                throw new IllegalArgumentException("images are looked up elsewhere: " + reference);
        };
    }

    OpSpec.Git git(GitRef ref, GitDefaults defaults) throws RemoteException, InterruptedException {
        requireNoCredentials(ref);
        String commit = remotes.commit(ref).hash();
        boolean commitTimes = ref.options().mtime().map(mtime -> mtime == Mtime.COMMIT).orElse(defaults.commitTimes());
        return new OpSpec.Git(ref.remote().url(), ref.ref().orElse(""), commit, ref.subdir().orElse(""),
                ref.options().keepGitDir().orElse(defaults.keepGitDirectory()),
                ref.options().submodules().orElse(true), commitTimes);
    }

    OpSpec.Http http(HttpAddress address, Optional<Digest> checksum, String name)
            throws RemoteException, InterruptedException {
        if (URI.create(address.url()).getRawUserInfo() != null) {
            throw credentials(address.shown(), "HTTP_AUTH_HEADER_<host>");
        }
        URI uri = URI.create(address.url());
        Download download = remotes.download(uri, checksum);
        return new OpSpec.Http(uri, download.content(), download.size(), name, download.modified());
    }

    private static void requireNoCredentials(GitRef ref) {
        boolean web = ref.remote().protocol() == Protocol.HTTP || ref.remote().protocol() == Protocol.HTTPS;
        if (web && !ref.remote().url().equals(ref.remote().shown())) {
            throw credentials(ref.remote().shown(), "GIT_AUTH_TOKEN");
        }
    }

    /** They would stand in keys of the cache, in events and in the history of the image. */
    private static DockerfileException credentials(String shown, String secret) {
        return new DockerfileException(DockerfileException.Code.UNSUPPORTED,
                "the address " + shown + " holds credentials, which would be seen in logs and in the image;"
                        + " give them as the secret " + secret);
    }
}
