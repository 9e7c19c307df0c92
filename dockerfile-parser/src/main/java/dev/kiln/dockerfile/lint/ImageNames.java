package dev.kiln.dockerfile.lint;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Tells names of images from what cannot be one: {@code [host[:port]/]path[:tag][@digest]}. */
final class ImageNames {

    private static final int LONGEST = 1_024;
    private static final int LONGEST_PATH = 255;
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");
    private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    private static final Pattern HOST = Pattern
        .compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final Pattern DIGEST = Pattern
        .compile("sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}");
    private static final String DEFAULT_NAMESPACE = "library/";

    private ImageNames() {}

    static boolean valid(String name) {
        return fault(name).isEmpty();
    }

    /** Why it is none, if it is none. */
    static Optional<String> fault(String name) {
        if (IDENTIFIER.matcher(name).matches()) {
            return Optional.of(
                    "invalid repository name (" + name + "), cannot specify 64-byte hexadecimal strings");
        }
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean host = isHost(first);
        String rest = host ? name.substring(slash + 1) : slash < 0 ? DEFAULT_NAMESPACE + name : name;
        String path = rest.split(":", 2)[0];
        if (!path.equals(path.toLowerCase(Locale.ROOT))) {
            return Optional.of("invalid reference format: repository name (" + path + ") must be lowercase");
        }
        boolean valid = name.length() <= LONGEST && (!host || HOST.matcher(first).matches()) && validRest(rest);
        return valid ? Optional.empty() : Optional.of("invalid reference format");
    }

    /** Whether what stands before the first slash is a host rather than the first part of a path. */
    private static boolean isHost(String first) {
        return first.equals("localhost") || first.contains(".") || first.contains(":")
                || !first.equals(first.toLowerCase(Locale.ROOT));
    }

    private static boolean validRest(String rest) {
        int at = rest.indexOf('@');
        String named = at < 0 ? rest : rest.substring(0, at);
        int colon = named.indexOf(':');
        String path = colon < 0 ? named : named.substring(0, colon);
        return (at < 0 || DIGEST.matcher(rest.substring(at + 1)).matches())
                && (colon < 0 || TAG.matcher(named.substring(colon + 1)).matches())
                && path.length() <= LONGEST_PATH && validPath(path);
    }

    private static boolean validPath(String path) {
        for (String component : path.split("/", -1)) {
            if (!COMPONENT.matcher(component).matches()) {
                return false;
            }
        }
        return true;
    }
}
