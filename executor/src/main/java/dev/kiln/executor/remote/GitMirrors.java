package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The mirrors on this disk, one for each remote, in a directory that belongs to this process. A second fetch from a remote
 * brings only what is new. A mirror that git cannot go on with is made anew; those unused longest are removed.
 *
 * <p>Commits are fetched alone, without their history, where the remote can do that; else with it.
 */
final class GitMirrors {
    private static final Logger LOG = LoggerFactory.getLogger(GitMirrors.class);
    private static final int MAX_MIRRORS = 64;
    private static final int MAX_PACKS = 50;
    private static final int MAX_ANSWER = 1 << 20;
    private static final String DEPTH = "--depth=1";
    static final String FRESH = ".new";
    /** What the reference was when it was fetched last; not to be trusted. */
    static final String NAMED = "refs/kiln/ref";

    private final Path directory;
    private final GitProgram git;
    private final InstantSource clock;
    private final Stripes locks = new Stripes();

    GitMirrors(Path directory, GitProgram git, InstantSource clock) throws IOException {
        this.directory = Files.createDirectories(directory);
        try (Stream<Path> all = Files.list(directory)) {
            for (Path unfinished : all.filter(path -> path.toString().endsWith(FRESH)).toList()) {
                Posix.deleteTree(RawPath.of(unfinished));
            }
        }
        this.git = git;
        this.clock = clock;
    }

    /**
     * What is wanted of a remote: a commit, which the reference meant when it was looked up.
     *
     * @param ref empty when the commit is all that is known
     * @param named whether the reference is wanted too, as it is for a repository that is kept
     */
    record Wanted(GitUrl url, GitAccess access, String commit, String ref, boolean named, Deadline deadline,
            GitProgram.Log log) {}

    /** What is done with a mirror that has the commit; nobody else uses the mirror meanwhile. */
    interface Use<T> {
        T in(Path mirror) throws IOException, InterruptedException;
    }

    <T> T with(Wanted wanted, Use<T> use) throws IOException, InterruptedException {
        String name = Digest.sha256(wanted.url.text().getBytes(UTF_8)).hex();
        Path mirror = directory.resolve(name);
        T result;
        try (Stripes.Held _ = locks.acquire(name)) {
            bringIn(wanted, mirror);
            Files.setLastModifiedTime(mirror, FileTime.from(clock.instant()));
            result = use.in(mirror);
        }
        trim(name);
        return result;
    }

    private void bringIn(Wanted wanted, Path mirror) throws IOException, InterruptedException {
        boolean old = Files.isDirectory(mirror);
        if (old && !wanted.named && has(mirror, wanted)) {
            return;
        }
        if (!old || packs(mirror) > MAX_PACKS) {
            fetchAnew(wanted, mirror);
            return;
        }
        try {
            fetch(wanted, mirror);
        } catch (FetchException e) {
            if (e.code() != Code.UNAVAILABLE) {
                throw e;
            }
            LOG.info("a mirror is made anew remote={} reason={}", wanted.url, e.getMessage());
            fetchAnew(wanted, mirror);
        }
    }

    private void fetchAnew(Wanted wanted, Path mirror) throws IOException, InterruptedException {
        Path fresh = directory.resolve(mirror.getFileName() + FRESH);
        Posix.deleteTree(RawPath.of(fresh));
        try {
            Files.createDirectory(fresh);
            String unused = git.run(GitCommand.of("making a mirror", fresh, "init", "--quiet", "--bare", "--template=",
                    "--object-format=" + format(wanted.commit), "."), MAX_ANSWER, wanted.deadline, wanted.log);
            fetch(wanted, fresh);
            Posix.deleteTree(RawPath.of(mirror));
            Files.move(fresh, mirror);
        } finally {
            Posix.deleteTree(RawPath.of(fresh));
        }
    }

    private boolean has(Path mirror, Wanted wanted) throws IOException, InterruptedException {
        GitCommand command = in(mirror, "looking for a commit", "cat-file", "-e", wanted.commit + "^{commit}");
        return git.tryRun(command, in -> in.readNBytes(MAX_ANSWER), wanted.deadline, GitProgram.Log.NONE)
            .exitCode() == 0;
    }

    /** The commit by itself; else the reference, which may mean it still; else everything. */
    private void fetch(Wanted wanted, Path mirror) throws IOException, InterruptedException {
        // What a process that was killed may have left.
        Files.deleteIfExists(mirror.resolve("shallow.lock"));
        boolean hasName = !wanted.ref.isEmpty() && !GitResolver.isCommit(wanted.ref);
        if (!(hasName && wanted.named) && fetchCommit(wanted, mirror) || hasName && fetchRef(wanted, mirror)
                || hasName && wanted.named && fetchCommit(wanted, mirror)) {
            return;
        }
        boolean shallow = Files.exists(mirror.resolve("shallow"));
        GitProgram.Ended<byte[]> ended = fetch(wanted, mirror,
                shallow ? List.of("--tags", "--force", "--unshallow") : List.of("--tags", "--force"),
                List.of("+refs/heads/*:refs/remotes/origin/*"));
        if (ended.exitCode() != 0) {
            throw GitProgram.failed(GitCommand.of("failed to fetch remote " + wanted.url, mirror), ended.errors());
        }
        if (!has(mirror, wanted)) {
            throw new FetchException(Code.NOT_FOUND, "failed to fetch remote " + wanted.url + ": the commit "
                    + wanted.commit + " can not be found in the repository");
        }
    }

    private boolean fetchCommit(Wanted wanted, Path mirror) throws IOException, InterruptedException {
        return fetch(wanted, mirror, List.of(DEPTH, "--no-tags"),
                List.of(wanted.commit + ":refs/kiln/" + wanted.commit))
            .exitCode() == 0 && has(mirror, wanted);
    }

    private boolean fetchRef(Wanted wanted, Path mirror) throws IOException, InterruptedException {
        return fetch(wanted, mirror, List.of(DEPTH, "--no-tags", "--force"), List.of(wanted.ref + ":" + NAMED))
            .exitCode() == 0 && has(mirror, wanted);
    }

    private GitProgram.Ended<byte[]> fetch(Wanted wanted, Path mirror, List<String> options, List<String> refspecs)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("fetch", "--no-write-fetch-head", "--no-recurse-submodules"));
        arguments.addAll(options);
        arguments.add("--");
        arguments.add(wanted.url.text());
        arguments.addAll(refspecs);
        GitCommand command = in(mirror, "failed to fetch remote " + wanted.url, arguments.toArray(String[]::new))
            .with(wanted.access.settings())
            .with(wanted.access.environment())
            .watching(mirror);
        GitProgram.Ended<byte[]> ended = git.tryRun(command, in -> in.readNBytes(MAX_ANSWER), wanted.deadline,
                wanted.log);
        boolean needsHistory = ended.exitCode() != 0 && arguments.contains(DEPTH)
                && (ended.errors().contains("shallow") || ended.errors().contains("--depth"));
        return needsHistory
                ? git.tryRun(command.without(DEPTH), in -> in.readNBytes(MAX_ANSWER), wanted.deadline, wanted.log)
                : ended;
    }

    /** The mirrors as what can be collected. */
    MirrorStock stock() {
        return new MirrorStock(directory, locks);
    }

    static String format(String commit) {
        return commit.length() == 64 ? "sha256" : "sha1";
    }

    static GitCommand in(Path mirror, String what, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--git-dir=" + mirror));
        all.addAll(List.of(arguments));
        return GitCommand.of(what, mirror, all.toArray(String[]::new));
    }

    private static long packs(Path mirror) throws IOException {
        Path packs = mirror.resolve("objects/pack");
        if (!Files.isDirectory(packs)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(packs)) {
            return files.filter(file -> file.toString().endsWith(".pack")).count();
        }
    }

    /** Removes the mirrors that were unused longest, as far as there are too many and nobody uses them. */
    private void trim(String mine) throws IOException, InterruptedException {
        List<Path> mirrors;
        try (Stream<Path> all = Files.list(directory)) {
            mirrors = new ArrayList<>(
                    all.filter(path -> path.getFileName().toString().length() == mine.length()).toList());
        }
        if (mirrors.size() <= MAX_MIRRORS) {
            return;
        }
        mirrors.sort(Comparator.comparingLong((Path path) -> path.toFile().lastModified()));
        for (Path old : mirrors.subList(0, mirrors.size() - MAX_MIRRORS)) {
            String name = old.getFileName().toString();
            try (Stripes.Held _ = locks.acquire(name)) {
                Posix.deleteTree(RawPath.of(old));
            }
        }
    }
}
