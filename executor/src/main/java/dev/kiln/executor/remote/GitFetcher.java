package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.executor.remote.GitMirrors.Wanted;
import dev.kiln.layercache.posix.DirEntry;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * Looks references of git repositories up and makes files of their commits, with the program {@code git}. Submodules are
 * fetched one by one in the same way, so that everything that holds for a repository holds for them. Safe for many threads.
 */
public final class GitFetcher {
    private static final int MAX_DEPTH = 10;

    private final GitAccess.Ways ways;
    private final GitMirrors mirrors;
    private final GitCheckout checkout;
    private final GitResolver resolver;

    /** Takes what git says while it fetches; there are no secrets in it. */
    public interface Log {
        void write(byte[] bytes, int length) throws IOException;
    }

    GitFetcher(GitAccess.Ways ways, GitMirrors mirrors, Path directory) {
        this.ways = ways;
        this.mirrors = mirrors;
        this.checkout = new GitCheckout(ways.program(), ways.policy().limits());
        this.resolver = new GitResolver(ways.program(), directory);
    }

    /** The commit that the reference means now; an annotated tag means the commit it names. */
    public String resolve(GitSource source, RemoteAuth auth) throws IOException, InterruptedException {
        Optional<String> known = GitResolver.known(source);
        if (known.isPresent()) {
            return known.get();
        }
        GitUrl url = GitUrl.parse(source.remote());
        try (GitAccess access = GitAccess.open(ways, url, auth, true)) {
            return resolver.ask(source, new GitResolver.Question(url, access, deadline()));
        }
    }

    /** When a commit was made; fetches it unless it is here. */
    public Instant commitTime(GitSource source, String commit, RemoteAuth auth)
            throws IOException, InterruptedException {
        GitUrl url = GitUrl.parse(source.remote());
        try (GitAccess access = GitAccess.open(ways, url, auth, true)) {
            Wanted wanted = new Wanted(url, access, checked(commit), source.ref(), false, deadline(),
                    GitProgram.Log.NONE);
            return mirrors.with(wanted, mirror -> checkout.time(mirror, wanted));
        }
    }

    /**
     * Puts the files of a commit into an empty directory. They belong to this process's user and have the modes 0644 and
     * 0755, whatever its umask. When it fails, what was made stays for the caller to delete.
     *
     * @param commit what {@link #resolve} said
     */
    public void checkOut(GitSource source, String commit, GitTree tree, RemoteAuth auth, Path into, Log log)
            throws IOException, InterruptedException {
        GitUrl url = GitUrl.parse(source.remote());
        Job job = new Job(auth, deadline(), log::write, tree.commitTimes(), url.site());
        boolean whole = tree.subdirectory().isEmpty();
        Path files = whole ? into : Files.createDirectory(into.resolve("checkout-" + UUID.randomUUID()));
        Branch branch = new Branch(url, checked(commit), source.ref(),
                tree.keepGitDirectory() && whole, tree.submodules(), 0);
        Instant time = job.make(branch, files);
        if (!whole) {
            raise(files, tree.subdirectory(), into);
        }
        if (tree.commitTimes()) {
            setTimes(RawPath.of(into), time);
        }
    }

    private Deadline deadline() {
        return Deadline.in(ways.policy().limits().time());
    }

    private static String checked(String commit) throws FetchException {
        if (!GitResolver.isCommit(commit)) {
            throw new FetchException(Code.REFUSED, "not the full hash of a commit: " + commit);
        }
        return commit;
    }

    /** One repository of a checkout. */
    private record Branch(GitUrl url, String commit, String ref, boolean keepGit, boolean submodules, int depth) {}

    /** What is known of a repository when its own files are there. */
    private record Made(GitEntries entries, Map<String, GitCheckout.Module> modules, Instant time) {}

    /** One checkout with all its submodules. Secrets that name no host are for the site of the repository itself. */
    private final class Job {
        private final RemoteAuth auth;
        private final Deadline deadline;
        private final GitProgram.Log log;
        private final boolean timed;
        private final String site;
        private long count;
        private long bytes;

        private Job(RemoteAuth auth, Deadline deadline, GitProgram.Log log, boolean timed, String site) {
            this.auth = auth;
            this.deadline = deadline;
            this.log = log;
            this.timed = timed;
            this.site = site;
        }

        /** @return the time of the commit, when it is asked for */
        private Instant make(Branch branch, Path into) throws IOException, InterruptedException {
            Made made;
            try (GitAccess access = GitAccess.open(ways, branch.url, auth, branch.url.site().equals(site))) {
                String ref = branch.ref;
                if (branch.keepGit && ref.isEmpty() && branch.depth == 0) {
                    ref = resolver.defaultBranch(new GitResolver.Question(branch.url, access, deadline));
                }
                Wanted wanted = new Wanted(branch.url, access, branch.commit, ref, branch.keepGit && !ref.isEmpty(),
                        deadline, log);
                String name = GitResolver.isCommit(ref) ? "" : ref;
                made = mirrors.with(wanted, mirror -> files(mirror, wanted, name, branch, into));
            }
            if (branch.submodules) {
                for (Map.Entry<String, String> submodule : made.entries.submodules().entrySet()) {
                    checkSubmodule(branch, submodule.getKey(), submodule.getValue(), made, into);
                }
            }
            return made.time;
        }

        private Made files(Path mirror, Wanted wanted, String name, Branch branch, Path into)
                throws IOException, InterruptedException {
            GitEntries entries = checkout.entries(mirror, wanted);
            count += entries.count();
            bytes += entries.bytes();
            RemotePolicy.Limits limits = ways.policy().limits();
            if (count > limits.entries() || bytes > limits.bytes()) {
                throw new FetchException(Code.TOO_LARGE, "the repository and its submodules have more than "
                        + limits.entries() + " files or " + limits.bytes()
                        + " bytes, which are this executor's limits");
            }
            if (branch.keepGit) {
                checkout.repository(mirror, wanted, name, into);
            } else if (entries.count() > 0) {
                checkout.files(mirror, wanted, into);
            }
            boolean modules = branch.submodules && !entries.submodules().isEmpty();
            return new Made(entries, modules ? checkout.modules(mirror, wanted) : Map.of(),
                    timed && branch.depth == 0 ? checkout.time(mirror, wanted) : Instant.EPOCH);
        }

        private void checkSubmodule(Branch parent, String path, String commit, Made made, Path into)
                throws IOException, InterruptedException {
            GitCheckout.Module module = made.modules.get(path);
            if (module == null) {
                throw new FetchException(Code.REFUSED, "failed to update submodules for " + parent.url
                        + ": No url found for submodule path '" + path + "' in .gitmodules");
            }
            if (!module.wanted()) {
                return;
            }
            if (parent.depth >= MAX_DEPTH) {
                throw new FetchException(Code.TOO_LARGE, "failed to update submodules for " + parent.url
                        + ": they are nested more than " + MAX_DEPTH + " deep");
            }
            try {
                make(new Branch(parent.url.submodule(module.url()), checked(commit), "", parent.keepGit, true,
                        parent.depth + 1), directory(into, path));
            } catch (FetchException e) {
                throw new FetchException(e.code(), "failed to update submodules for " + parent.url + ": " + path + ": "
                        + e.getMessage(), e);
            }
        }
    }

    /**
     * The directory below, none of whose names is a link.
     *
     * @throws FetchException {@code NOT_FOUND} when it is not there, {@code REFUSED} when something else is
     */
    private static Path directory(Path root, String path) throws FetchException {
        Path at = root;
        for (String name : List.of(path.split("/"))) {
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            at = at.resolve(name);
            if (name.equals("..") || Files.exists(at, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                throw new FetchException(Code.REFUSED, "git subpath \"" + path + "\" contains non-directory \""
                        + root.relativize(at) + "\"");
            }
            if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                throw new FetchException(Code.NOT_FOUND, "failed to lstat \"" + root.relativize(at)
                        + "\": no such file or directory");
            }
        }
        return at;
    }

    /** Makes the content of a directory of the checkout that of its root. */
    private static void raise(Path files, String subdirectory, Path into) throws IOException {
        Path from;
        try {
            from = directory(files, subdirectory);
        } catch (FetchException e) {
            throw new FetchException(e.code(), "invalid subdir " + subdirectory + ": " + e.getMessage(), e);
        }
        RawPath source = RawPath.of(from);
        RawPath target = RawPath.of(into);
        for (DirEntry entry : Posix.list(source)) {
            Posix.rename(source.resolve(entry.name()), target.resolve(entry.name()));
        }
        Posix.deleteTree(RawPath.of(files));
    }

    private static void setTimes(RawPath directory, Instant time) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        for (DirEntry entry : Posix.list(directory)) {
            RawPath path = directory.resolve(entry.name());
            if (Posix.lstat(path).isDirectory()) {
                setTimes(path, time);
            } else {
                Posix.setModified(path, time);
            }
        }
        Posix.setModified(directory, time);
    }
}
