package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Optional;

import dev.kiln.dockerfile.remote.GitOptions;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;
import dev.kiln.executor.frontend.Remotes.RemoteException;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;

/**
 * The addresses among the sources of one ADD.
 *
 * @param checksum of {@code --checksum}, expanded
 * @param keepGitDir of {@code --keep-git-dir}
 */
record RemoteSources(Translation build, Optional<String> checksum, Optional<Boolean> keepGitDir) {

    /**
     * What lies at an address.
     *
     * @param path what of the vertex's files is meant
     * @param file whether it is a download
     */
    record Remote(Vertex vertex, String path, boolean file) {}

    /** Refuses an address where only paths can be. */
    static void refuse(String source) {
        if (git(source).isPresent()) {
            throw fault("source can't be a git ref for COPY");
        }
        if (source.startsWith("http://") || source.startsWith("https://")) {
            throw fault("source can't be a URL for COPY");
        }
    }

    /** A word that may as well be the path of a file is one. */
    private static Optional<GitRef> git(String source) {
        return GitRef.parse(source).filter(ref -> !ref.remote().looksLocal());
    }

    void checkChecksum(List<String> sources) {
        if (checksum.isEmpty()) {
            return;
        }
        if (sources.size() != 1) {
            throw fault("checksum can't be specified for multiple sources");
        }
        if (git(sources.getFirst()).isEmpty() && HttpAddress.parse(sources.getFirst()).isEmpty()) {
            throw fault("checksum requires HTTP(S) or Git sources");
        }
    }

    /**
     * Looks the source up, unless it is a path.
     *
     * @param name of the step that brings it in
     */
    Optional<Remote> find(String source, String name) throws RemoteException, InterruptedException {
        Optional<GitRef> git = git(source);
        if (git.isPresent()) {
            OpSpec.Git op = build.sources()
                .lookup()
                .git(withFlags(git.get()), ContextLookup.GitDefaults.NONE);
            return Optional.of(new Remote(build.graph().source(name, op), ".", false));
        }
        Optional<HttpAddress> http = HttpAddress.parse(source);
        if (http.isEmpty()) {
            return Optional.empty();
        }
        OpSpec.Http op = build.sources()
            .lookup()
            .http(http.get(), checksum.map(RemoteSources::digest), http.get().fileName());
        return Optional.of(new Remote(build.graph().source(name, op), op.name(), true));
    }

    private GitRef withFlags(GitRef ref) {
        GitOptions said = ref.options();
        if (keepGitDir.isPresent() && said.keepGitDir().isPresent() && !keepGitDir.equals(said.keepGitDir())) {
            throw fault("inconsistent keep-git-dir configuration");
        }
        if (checksum.isPresent() && ref.checksum().isPresent() && !checksum.equals(ref.checksum())) {
            throw fault("checksum mismatch \"" + checksum.get() + "\" != \"" + ref.checksum().get() + "\"");
        }
        return new GitRef(ref.remote(), ref.ref(), ref.subdir(), ref.checksum().or(() -> checksum),
                new GitOptions(said.keepGitDir().or(() -> keepGitDir), said.submodules(), said.mtime(),
                        said.fetchByCommit()));
    }

    private static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw fault("invalid checksum digest format: \"" + text + "\": " + e.getMessage());
        }
    }

    private static DockerfileException fault(String message) {
        return new DockerfileException(Code.SYNTAX, message);
    }
}
