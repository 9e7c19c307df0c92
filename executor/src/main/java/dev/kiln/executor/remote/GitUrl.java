package dev.kiln.executor.remote;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kiln.executor.remote.FetchException.Code;

/**
 * The address of a repository in one of the forms that are fetched from.
 *
 * @param text what git is given: without credentials, but with the user of ssh
 * @param user name and password of the address, empty for none and for ssh
 * @param port 0 for the usual one
 */
record GitUrl(Protocol protocol, String text, Optional<String> user, String host, int port) {
    private static final int LONGEST = 8192;
    private static final String HOST = "(?<host>[A-Za-z0-9_](?:[A-Za-z0-9._-]*)|\\[[0-9A-Fa-f:.]+])";
    private static final Pattern URL = Pattern.compile("(?<scheme>https?|ssh|git)://(?:(?<user>[^/@\\s]*)@)?" + HOST
            + "(?::(?<port>[0-9]{1,5}))?(?<path>/[^\\p{Cntrl}]*)");
    private static final Pattern SCP = Pattern
        .compile(
                "(?<user>[A-Za-z0-9_][A-Za-z0-9_-]*)@(?<host>[A-Za-z0-9_][A-Za-z0-9.-]*):(?<path>[^-\\p{Cntrl}][^\\p{Cntrl}]*)");

    enum Protocol {
        HTTP, HTTPS, SSH, GIT
    }

    static GitUrl parse(String text) throws FetchException {
        if (text.length() <= LONGEST) {
            Matcher url = URL.matcher(text);
            if (url.matches()) {
                return ofUrl(url);
            }
            Matcher scp = SCP.matcher(text);
            if (scp.matches()) {
                return new GitUrl(Protocol.SSH, text, Optional.empty(), scp.group("host"), 0);
            }
        }
        throw new FetchException(Code.REFUSED, "not the address of a repository that is fetched from: "
                + "http, https, ssh and git are, and user@host:path" + shown(text));
    }

    /** Only what cannot hold a password. */
    private static String shown(String text) {
        return text.indexOf('@') < 0 && text.length() < 500 ? " (it is \"" + text + "\")" : "";
    }

    private static GitUrl ofUrl(Matcher url) throws FetchException {
        Protocol protocol = Protocol.valueOf(url.group("scheme").toUpperCase(Locale.ROOT));
        Optional<String> user = Optional.ofNullable(url.group("user")).filter(u -> !u.isEmpty());
        String port = url.group("port");
        String inText = protocol == Protocol.SSH ? user.map(u -> withoutPassword(u) + "@").orElse("") : "";
        if (inText.startsWith("-")) {
            throw new FetchException(Code.REFUSED, "the user in the address of a repository starts with \"-\"");
        }
        String text = url.group("scheme") + "://" + inText + url.group("host") + (port == null ? "" : ":" + port)
                + url.group("path");
        return new GitUrl(protocol, text, protocol == Protocol.SSH ? Optional.empty() : user, url.group("host"),
                port == null ? 0 : Integer.parseInt(port));
    }

    private static String withoutPassword(String user) {
        int colon = user.indexOf(':');
        return colon < 0 ? user : user.substring(0, colon);
    }

    boolean isHttp() {
        return protocol == Protocol.HTTP || protocol == Protocol.HTTPS;
    }

    /** The host with its port, as the names of secrets have it. */
    String authority() {
        return host + (port == 0 ? "" : ":" + port);
    }

    /** What credentials for this remote are good for. */
    String site() {
        return protocol.name().toLowerCase(Locale.ROOT) + "://" + authority() + "/";
    }

    /** The user of the address as it is meant, without its escapes; a plus sign is one. */
    Optional<String> plainUser() {
        return user.map(u -> {
            int colon = u.indexOf(':');
            return colon < 0 ? decode(u) + ":" : decode(u.substring(0, colon)) + ":" + decode(u.substring(colon + 1));
        });
    }

    private static String decode(String escaped) {
        return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Where a submodule with this address is, which may be given relative to this repository. */
    GitUrl submodule(String url) throws FetchException {
        if (!url.startsWith("./") && !url.startsWith("../")) {
            return parse(url);
        }
        String base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        String rest = url;
        while (rest.startsWith("./") || rest.startsWith("../")) {
            if (rest.startsWith("../")) {
                base = parent(base);
                rest = rest.substring(3);
            } else {
                rest = rest.substring(2);
            }
        }
        return parse(base + (base.endsWith(":") ? "" : "/") + rest);
    }

    private String parent(String base) throws FetchException {
        int slash = base.lastIndexOf('/');
        int colon = base.lastIndexOf(':');
        int start = base.indexOf("://");
        if (start >= 0 && slash <= start + 2 || start < 0 && slash < 0 && colon == base.length() - 1) {
            throw new FetchException(Code.REFUSED, "the address of a submodule leads above " + text);
        }
        return start < 0 && slash < 0 ? base.substring(0, colon + 1) : base.substring(0, slash);
    }

    /** Without credentials; a token that stands for the user of ssh would be shown, as it is no secret there. */
    @Override
    public String toString() {
        return text;
    }
}
