package dev.kiln.dockerfile.remote;

import java.util.Locale;
import java.util.Optional;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * A URL with a host, taken apart.
 *
 * @param user     name and password as they are escaped there, empty if there are none
 * @param host     with its port, in lower case
 * @param path     without escapes
 * @param query    as it is escaped there
 * @param fragment without escapes
 */
record WebUrl(String scheme, String user, String host, String path, String escapedPath, String query, String fragment) {

    /** A sane browser's limit; git and HTTP servers have lower ones. */
    static final int LONGEST = 8_192;

    /** The scheme in lower case, if the text starts as a URL does. */
    static Optional<String> scheme(String text) {
        int end = 0;
        while (end < text.length() && Percent.isLetterOrDigit(text.charAt(end))) {
            end++;
        }
        return end > 0 && text.startsWith("://", end)
                ? Optional.of(text.substring(0, end).toLowerCase(Locale.ROOT))
                : Optional.empty();
    }

    /** @throws DockerfileException without a place, and without the text, which may hold a password */
    static WebUrl parse(String text) {
        if (text.length() > LONGEST) {
            throw new DockerfileException(Code.TOO_LARGE, "a URL has at most " + LONGEST + " characters");
        }
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7F)) {
            throw malformed("invalid control character in URL");
        }
        String scheme = scheme(text).orElseThrow(() -> malformed("invalid URL: no scheme"));
        String rest = text.substring(scheme.length() + 3);
        int hash = rest.indexOf('#');
        String fragment = hash < 0 ? "" : rest.substring(hash + 1);
        rest = hash < 0 ? rest : rest.substring(0, hash);
        int mark = rest.indexOf('?');
        String query = mark < 0 ? "" : rest.substring(mark + 1);
        rest = mark < 0 ? rest : rest.substring(0, mark);
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        int at = authority.lastIndexOf('@');
        return new WebUrl(scheme, at < 0 ? "" : checkedUser(authority.substring(0, at)),
                checkedHost(authority.substring(at + 1)), decode(path), Percent.escape(path, Percent.IN_PATH), query,
                decode(fragment));
    }

    /** Without query and fragment. */
    String plain() {
        return scheme + "://" + (user.isEmpty() ? "" : user + "@") + host + escapedPath;
    }

    /** As {@link #plain}, and without what must not be shown. */
    String shown() {
        return scheme + "://" + (user.isEmpty() ? "" : masked() + "@") + host + escapedPath;
    }

    private String masked() {
        int colon = user.indexOf(':');
        String name = colon == 0 ? "" : "xxxxx";
        return colon < 0 ? name : name + ":xxxxx";
    }

    private static String checkedUser(String user) {
        if (Percent.decode(user).isEmpty()) {
            throw malformed("invalid userinfo in URL");
        }
        return Percent.escape(user, Percent.IN_USER + ":");
    }

    private static String checkedHost(String host) {
        int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
        if (host.startsWith("[") && end == 0) {
            throw malformed("missing ']' in host");
        }
        String name = end < 0 ? host : host.substring(0, end);
        String port = end < 0 ? "" : host.substring(end);
        boolean numeric = port.isEmpty()
                || port.startsWith(":") && port.chars().skip(1).allMatch(c -> c >= '0' && c <= '9');
        if (!numeric || port.length() > 6) {
            throw malformed("invalid port after host");
        }
        if (name.isEmpty()) {
            throw malformed("no host in URL");
        }
        String allowed = name.startsWith("[") ? "[]:." : "-._";
        if (!name.chars().allMatch(c -> Percent.isLetterOrDigit((char) c) || allowed.indexOf(c) >= 0)) {
            throw malformed("invalid character in host name");
        }
        if (name.startsWith("-")) {
            throw malformed("a host name cannot start with \"-\"");
        }
        return (name + (port.equals(":") ? "" : port)).toLowerCase(Locale.ROOT);
    }

    private static String decode(String text) {
        return Percent.decode(text).orElseThrow(() -> malformed("invalid URL escape"));
    }

    private static DockerfileException malformed(String message) {
        return new DockerfileException(Code.SYNTAX, message);
    }
}
