package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.kiln.executor.remote.FetchException.Code;

/** Finds out what a reference means now, by asking the remote for its references alone. */
final class GitResolver {
    private static final int MAX_ANSWER = 8 << 20;
    private static final int MAX_SHOWN = 1_000;
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]+");
    private static final String BRANCH = "refs/heads/";
    private static final String TAG = "refs/tags/";

    private final GitProgram git;
    private final Path directory;

    GitResolver(GitProgram git, Path directory) {
        this.git = git;
        this.directory = directory;
    }

    /** A question to one remote, already with the way to it. */
    record Question(GitUrl url, GitAccess access, Deadline deadline) {}

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** What needs no question, or is refused without one. */
    static Optional<String> known(GitSource source) throws FetchException {
        String checksum = source.checksum().orElse("");
        if (!checksum.isEmpty() && !HEX.matcher(checksum).matches()) {
            throw new FetchException(Code.REFUSED,
                    "invalid checksum " + checksum + " for Git URL, expected hex commit hash");
        }
        if (source.ref().startsWith("-") || source.ref().chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
            throw new FetchException(Code.REFUSED,
                    "invalid git ref \"" + source.ref().replaceAll("\\p{Cntrl}", "?") + "\"");
        }
        if (isCommit(source.ref())) {
            check(checksum, source.ref(), null);
            return Optional.of(source.ref());
        }
        if (!source.fetchByCommit()) {
            return Optional.empty();
        }
        if (checksum.isEmpty()) {
            throw new FetchException(Code.REFUSED, "fetch-by-commit requires a checksum or a commit SHA ref");
        }
        if (!isCommit(checksum)) {
            throw new FetchException(Code.REFUSED,
                    "fetch-by-commit requires a full commit SHA checksum, got \"" + checksum + "\"");
        }
        return Optional.of(checksum);
    }

    /** The commit; that of an annotated tag is the one it names. */
    String ask(GitSource source, Question question) throws IOException, InterruptedException {
        String ref = source.ref();
        String checksum = source.checksum().orElse("");
        if (ref.isEmpty()) {
            Map<String, String> head = references(question, List.of("--symref"), List.of("HEAD"));
            String commit = head.get("HEAD");
            if (commit == null) {
                throw new FetchException(Code.NOT_FOUND,
                        "could not find default branch for repository: " + question.url);
            }
            check(checksum, commit, null);
            return commit;
        }
        Map<String, String> found = references(question, List.of(), List.of(ref, ref + "^{}"));
        String branch = first(found, "refs/" + below(ref, "refs/"), BRANCH + below(ref, BRANCH));
        if (branch != null) {
            String peeled = found.get("refs/" + below(ref, "refs/") + "^{}");
            check(checksum, branch, peeled);
            return peeled == null ? branch : peeled;
        }
        String tag = found.get(TAG + below(ref, TAG));
        if (tag == null) {
            String all = found.toString();
            throw new FetchException(Code.NOT_FOUND, "repository does not contain ref " + ref + ", output: \""
                    + (found.isEmpty() ? "" : all.substring(0, Math.min(all.length(), MAX_SHOWN))) + "\"");
        }
        String peeled = found.get(TAG + below(ref, TAG) + "^{}");
        check(checksum, tag, peeled);
        return peeled == null ? tag : peeled;
    }

    /** The name of the default branch. */
    String defaultBranch(Question question) throws IOException, InterruptedException {
        String answer = list(question, List.of("--symref"), List.of("HEAD"));
        for (String line : answer.split("\n")) {
            if (line.startsWith("ref: " + BRANCH) && line.endsWith("\tHEAD")) {
                String name = line.substring("ref: ".length(), line.length() - "\tHEAD".length());
                return name.substring(BRANCH.length());
            }
        }
        throw new FetchException(Code.NOT_FOUND, "could not find default branch for repository: " + question.url);
    }

    private Map<String, String> references(Question question, List<String> options, List<String> names)
            throws IOException, InterruptedException {
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : list(question, options, names).split("\n")) {
            int tab = line.indexOf('\t');
            if (tab > 0 && isCommit(line.substring(0, tab))) {
                found.put(line.substring(tab + 1), line.substring(0, tab));
            }
        }
        return found;
    }

    private String list(Question question, List<String> options, List<String> names)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("ls-remote"));
        arguments.addAll(options);
        arguments.add("--");
        arguments.add(question.url.text());
        arguments.addAll(names);
        GitCommand command = GitCommand.of("failed to fetch remote " + question.url, directory,
                arguments.toArray(String[]::new))
            .with(question.access.settings())
            .with(question.access.environment());
        return git.run(command, MAX_ANSWER, question.deadline, GitProgram.Log.NONE);
    }

    private static @Nullable String first(Map<String, String> found, String name, String other) {
        String commit = found.get(name);
        return commit == null ? found.get(other) : commit;
    }

    private static String below(String ref, String prefix) {
        return ref.startsWith(prefix) ? ref.substring(prefix.length()) : ref;
    }

    /** @param peeled what the object names when it is a tag's */
    static void check(String checksum, String object, @Nullable String peeled) throws FetchException {
        String wanted = checksum.toLowerCase(Locale.ROOT);
        if (!object.startsWith(wanted) && (peeled == null || !peeled.startsWith(wanted))) {
            throw new FetchException(Code.REFUSED, "expected checksum to match " + checksum + ", got " + object
                    + (peeled == null ? "" : " or " + peeled));
        }
    }
}
