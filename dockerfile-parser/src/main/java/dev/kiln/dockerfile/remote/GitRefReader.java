package dev.kiln.dockerfile.remote;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.kiln.dockerfile.lex.Quoted;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/** Reads what an address says beyond the repository: {@code #ref:subdir}, and the keys of its query. */
final class GitRefReader {

    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]+");

    private String ref;
    private String subdir;
    private String checksum = "";
    private String tag = "";
    private String branch = "";
    private GitOptions options = GitOptions.NONE;

    private GitRefReader(String fragment) {
        int colon = fragment.indexOf(':');
        ref = colon < 0 ? fragment : fragment.substring(0, colon);
        subdir = colon < 0 ? "" : inside(fragment.substring(colon + 1));
    }

    static GitRef read(GitRemote.Address address) {
        GitRefReader reader = new GitRefReader(address.fragment());
        Query.parse(address.query()).forEach(reader::take);
        return reader.finish(address.remote());
    }

    private void take(String key, List<String> values) {
        if (values.size() > 1) {
            throw fault("query " + Quoted.word(key) + " has multiple values");
        }
        String value = values.getFirst();
        switch (key) {
            case "submodules" -> options = new GitOptions(options.keepGitDir(), Optional.of(bool(key, value)),
                    options.mtime(), options.fetchByCommit());
            case "keep-git-dir" -> options = new GitOptions(Optional.of(bool(key, value)), options.submodules(),
                    options.mtime(), options.fetchByCommit());
            case "fetch-by-commit" -> options = new GitOptions(options.keepGitDir(), options.submodules(),
                    options.mtime(), bool(key, value));
            default -> {
                if (value.isEmpty()) {
                    throw fault("query " + Quoted.word(key) + " has no value");
                }
                takeText(key, value);
            }
        }
    }

    private void takeText(String key, String value) {
        switch (key) {
            case "ref" -> ref = agreed("ref", ref, value);
            case "tag" -> tag = value;
            case "branch" -> branch = value;
            case "subdir" -> subdir = agreed("subdir", subdir, inside(value));
            case "checksum", "commit" -> checksum = agreed("checksum", checksum, value);
            case "mtime" -> options = new GitOptions(options.keepGitDir(), options.submodules(),
                    Optional.of(mtime(value)), options.fetchByCommit());
            default -> throw fault("unexpected query " + Quoted.word(key));
        }
    }

    private GitRef finish(GitRemote remote) {
        if (!tag.isEmpty()) {
            ref = agreed("ref", ref, below("refs/tags/", tag));
        }
        if (!branch.isEmpty() && !tag.isEmpty()) {
            throw fault("branch conflicts with tag");
        }
        if (!branch.isEmpty()) {
            ref = agreed("ref", ref, below("refs/heads/", branch));
        }
        if (ref.startsWith("-") || hasControl(ref)) {
            throw fault("invalid git ref " + Quoted.word(ref));
        }
        if (hasControl(subdir)) {
            throw fault("invalid subdir " + Quoted.word(subdir));
        }
        if (!checksum.isEmpty() && !HEX.matcher(checksum).matches()) {
            throw fault("invalid checksum " + checksum + " for Git URL, expected hex commit hash");
        }
        return new GitRef(remote, said(ref), said(subdir), said(checksum), options);
    }

    private static Optional<String> said(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static String below(String prefix, String name) {
        return name.startsWith(prefix) ? name : prefix + name;
    }

    private static String agreed(String what, String before, String now) {
        if (!before.isEmpty() && !before.equals(now)) {
            throw fault(what + " conflicts: " + Quoted.word(before) + " vs " + Quoted.word(now));
        }
        return now;
    }

    /** The path without {@code .} and {@code ..}, which lead no higher than the repository. */
    private static String inside(String path) {
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        return String.join("/", names);
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(c -> c < ' ' || c == 0x7F);
    }

    private static GitOptions.Mtime mtime(String value) {
        return switch (value) {
            case "checkout" -> GitOptions.Mtime.CHECKOUT;
            case "commit" -> GitOptions.Mtime.COMMIT;
            default -> throw fault("invalid mtime value: " + Quoted.word(value)
                    + " (must be \"checkout\" or \"commit\")");
        };
    }

    /** A key alone says yes. */
    private static boolean bool(String key, String value) {
        return switch (value) {
            case "", "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw fault("invalid " + key + " value: " + Quoted.word(value));
        };
    }

    private static DockerfileException fault(String message) {
        return new DockerfileException(Code.SYNTAX, message);
    }
}
