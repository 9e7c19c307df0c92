package dev.kiln.dockerfile.remote;

import java.util.Locale;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * Where a repository is.
 *
 * @param url        what git is given; may hold credentials
 * @param shown      the same for people, without credentials
 * @param host       with its port, in lower case
 * @param path       without escapes; with a leading slash except in the form {@code user@host:path}
 * @param looksLocal whether it is of the form {@code github.com/owner/name}, which a file may be called as well; such a
 *                   word is a repository only where a context is named
 */
public record GitRemote(Protocol protocol, String url, String shown, String host, String path, boolean looksLocal) {

    /** How git talks to it. */
    public enum Protocol {
        HTTP, HTTPS, SSH, GIT
    }

    /** A remote with the rest of its address. */
    record Address(GitRemote remote, String query, String fragment) {}

    static Optional<Address> parse(String text) {
        if (text.startsWith("./") || text.startsWith("../")) {
            return Optional.empty();
        }
        if (text.startsWith("github.com/")) {
            return url("https://" + text).map(url -> address(url, Protocol.HTTPS, true));
        }
        Optional<String> scheme = WebUrl.scheme(text);
        if (scheme.isEmpty()) {
            return overSsh(text);
        }
        return protocol(scheme.get()).flatMap(protocol -> url(text).filter(url -> isRepository(url, protocol))
            .map(url -> address(url, protocol, false)));
    }

    /** For HTTP the name of a repository must end in .git, or it is a file. */
    private static boolean isRepository(WebUrl url, Protocol protocol) {
        return switch (protocol) {
            case HTTP, HTTPS -> url.path().endsWith(".git");
            case SSH, GIT -> true;
        };
    }

    private static Optional<Protocol> protocol(String scheme) {
        return switch (scheme) {
            case "http" -> Optional.of(Protocol.HTTP);
            case "https" -> Optional.of(Protocol.HTTPS);
            case "ssh" -> Optional.of(Protocol.SSH);
            case "git" -> Optional.of(Protocol.GIT);
            default -> Optional.empty();
        };
    }

    private static Optional<WebUrl> url(String text) {
        try {
            return Optional.of(WebUrl.parse(text));
        } catch (DockerfileException malformed) {
            if (malformed.code() == Code.TOO_LARGE) {
                throw malformed;
            }
            return Optional.empty();
        }
    }

    private static Address address(WebUrl url, Protocol protocol, boolean looksLocal) {
        if (url.user().startsWith("-")) {
            throw optionLike();
        }
        return new Address(
                new GitRemote(protocol, url.plain(), url.shown(), url.host(), url.path(), looksLocal), url.query(),
                url.fragment());
    }

    /** {@code user@host:path?query#fragment}. */
    private static Optional<Address> overSsh(String text) {
        int at = text.indexOf('@');
        int colon = text.indexOf(':');
        if (at <= 0 || colon <= at + 1 || !consistsOf(text, 0, at, "-_") || !consistsOf(text, at + 1, colon, "-.")
                || text.indexOf('\n') >= 0) {
            return Optional.empty();
        }
        if (text.length() > WebUrl.LONGEST) {
            throw new DockerfileException(Code.TOO_LARGE,
                    "a git address has at most " + WebUrl.LONGEST + " characters");
        }
        int hash = text.indexOf('#');
        String fragment = hash < 0 ? "" : text.substring(hash + 1);
        String rest = hash < 0 ? text : text.substring(0, hash);
        int mark = rest.indexOf('?');
        String query = mark < 0 ? "" : rest.substring(mark + 1);
        String url = mark < 0 ? rest : rest.substring(0, mark);
        if (!Query.isReadable(query)) {
            return Optional.empty();
        }
        if (url.startsWith("-") || url.charAt(at + 1) == '-' || url.startsWith("-", colon + 1)) {
            throw optionLike();
        }
        String host = url.substring(at + 1, colon).toLowerCase(Locale.ROOT);
        return Optional.of(new Address(
                new GitRemote(Protocol.SSH, url, url, host, url.substring(colon + 1), false),
                query, fragment));
    }

    /** What a program could take for an option. */
    private static DockerfileException optionLike() {
        return new DockerfileException(Code.SYNTAX, "invalid git address: a name in it starts with \"-\"");
    }

    private static boolean consistsOf(String text, int from, int to, String others) {
        return text.substring(from, to)
            .chars()
            .allMatch(c -> Percent.isLetterOrDigit((char) c) || others.indexOf(c) >= 0);
    }

    @Override
    public String toString() {
        return shown;
    }
}
