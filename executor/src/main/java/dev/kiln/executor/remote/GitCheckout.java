package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.executor.remote.GitMirrors.Wanted;

/** Makes files of a commit that is in a mirror. */
final class GitCheckout {
    private static final int MAX_ANSWER = 4 << 20;
    private static final int MAX_NAME = 1024;

    private final GitProgram git;
    private final RemotePolicy.Limits limits;

    GitCheckout(GitProgram git, RemotePolicy.Limits limits) {
        this.git = git;
        this.limits = limits;
    }

    /** What a submodule is told by {@code .gitmodules}: where it is, and whether it is wanted. */
    record Module(String url, boolean wanted) {}

    GitEntries entries(Path mirror, Wanted wanted) throws IOException, InterruptedException {
        GitCommand command = GitMirrors.in(mirror, "listing the commit " + wanted.commit(), "ls-tree", "-r", "-l", "-z",
                "--full-tree", wanted.commit());
        GitProgram.Ended<GitEntries> ended = git.tryRun(command, in -> GitEntries.read(in, limits), wanted.deadline(),
                GitProgram.Log.NONE);
        if (ended.exitCode() != 0) {
            throw GitProgram.failed(command, ended.errors());
        }
        return ended.answer();
    }

    /** The files alone, into an empty directory. */
    void files(Path mirror, Wanted wanted, Path into) throws IOException, InterruptedException {
        Path index = mirror.resolve("kiln-index");
        Files.deleteIfExists(index);
        Files.deleteIfExists(mirror.resolve("kiln-index.lock"));
        run(wanted, GitCommand.of("failed to checkout remote " + wanted.url(), into, "--git-dir=" + mirror,
                "--work-tree=" + into, "checkout", "--quiet", wanted.commit(), "--", ".")
            .with("GIT_INDEX_FILE", index.toString()));
    }

    /**
     * The files and a repository of their own, without history, which knows the commit by the name that it was asked for
     * by; nothing in it names this machine or holds credentials, and it has no log of what was done.
     *
     * @param ref what {@code refs/kiln/ref} was fetched from, empty when the commit has no name
     */
    void repository(Path mirror, Wanted wanted, String ref, Path into) throws IOException, InterruptedException {
        Path own = into.resolve(".git");
        String object = ref.isEmpty() ? wanted.commit() : named(mirror, wanted);
        String local = "";
        if (!ref.isEmpty()) {
            boolean annotated = !object.equals(wanted.commit());
            local = ":" + (ref.startsWith("refs/") ? ref : (annotated ? "refs/tags/" : "refs/heads/") + ref);
        }
        String offered = "refs/kiln/offered";
        run(wanted, GitMirrors.in(mirror, "naming a commit", "update-ref", offered, object));
        run(wanted, GitCommand.of("making a repository", into, "init", "--quiet", "--template=",
                "--object-format=" + GitMirrors.format(wanted.commit()), "."));
        run(wanted, here(wanted, into, "fetch", "--quiet", "--update-head-ok", "--no-tags", "--depth=1", "--",
                "file://" + mirror, offered + local)
            .with(GitProgram.settings("protocol.file.allow", "always"))
            .with("GIT_ALLOW_PROTOCOL", "file"));
        run(wanted, here(wanted, into, "checkout", "--quiet", "FETCH_HEAD"));
        run(wanted, here(wanted, into, "remote", "add", "origin", wanted.url().text()));
        run(wanted, here(wanted, into, "reflog", "expire", "--all", "--expire=now"));
        Files.deleteIfExists(own.resolve("FETCH_HEAD"));
    }

    /** The object of an annotated tag, when the reference still is one that names the commit; else the commit. */
    private String named(Path mirror, Wanted wanted) throws IOException, InterruptedException {
        String[] found = new String[2];
        for (int i = 0; i < 2; i++) {
            GitCommand command = GitMirrors.in(mirror, "looking at a reference", "rev-parse", "--verify", "--quiet",
                    i == 0 ? GitMirrors.NAMED : GitMirrors.NAMED + "^{commit}");
            found[i] = git.tryRun(command, in -> new String(in.readNBytes(MAX_NAME), StandardCharsets.UTF_8).strip(),
                    wanted.deadline(), GitProgram.Log.NONE)
                .answer();
        }
        return found[1].equals(wanted.commit()) ? found[0] : wanted.commit();
    }

    private static GitCommand here(Wanted wanted, Path into, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--git-dir=" + into.resolve(".git");
        all[1] = "--work-tree=" + into;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return GitCommand.of("failed to checkout remote " + wanted.url(), into, all);
    }

    /** When the commit was made, as its committer says. */
    Instant time(Path mirror, Wanted wanted) throws IOException, InterruptedException {
        String answer = git.run(GitMirrors.in(mirror, "looking at the commit " + wanted.commit(), "log", "-1",
                "--format=%ct", "--end-of-options", wanted.commit()), MAX_ANSWER, wanted.deadline(),
                GitProgram.Log.NONE);
        try {
            return Instant.ofEpochSecond(Long.parseLong(answer.strip()));
        } catch (NumberFormatException e) {
            throw new FetchException(Code.REFUSED, "failed to parse commit timestamp of " + wanted.commit(), e);
        }
    }

    /** The submodules that {@code .gitmodules} tells of, by their paths. */
    Map<String, Module> modules(Path mirror, Wanted wanted) throws IOException, InterruptedException {
        GitCommand command = GitMirrors.in(mirror, "reading .gitmodules", "config", "--null", "--list", "--blob",
                wanted.commit() + ":.gitmodules");
        GitProgram.Ended<String> ended = git.tryRun(command,
                in -> new String(in.readNBytes(MAX_ANSWER), StandardCharsets.UTF_8), wanted.deadline(),
                GitProgram.Log.NONE);
        Map<String, Map<String, String>> byName = new LinkedHashMap<>();
        for (String setting : ended.exitCode() == 0 ? ended.answer().split("\0") : new String[0]) {
            int newline = setting.indexOf('\n');
            int dot = setting.lastIndexOf('.', newline);
            if (setting.startsWith("submodule.") && newline > 0 && dot > "submodule.".length()) {
                byName.computeIfAbsent(setting.substring("submodule.".length(), dot), name -> new LinkedHashMap<>())
                    .put(setting.substring(dot + 1, newline), setting.substring(newline + 1));
            }
        }
        Map<String, Module> byPath = new LinkedHashMap<>();
        byName.values().forEach(settings -> {
            String path = settings.get("path");
            String url = settings.get("url");
            if (path != null && url != null) {
                byPath.put(path, new Module(url, !"none".equals(settings.get("update"))));
            }
        });
        return byPath;
    }

    private void run(Wanted wanted, GitCommand command) throws IOException, InterruptedException {
        String unused = git.run(command, MAX_ANSWER, wanted.deadline(), wanted.log());
    }
}
