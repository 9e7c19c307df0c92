package dev.kiln.dockerfile.lint;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.ignore.IgnorePatterns;

/**
 * Tells which sources of COPY and ADD the ignore file keeps out of the context.
 *
 * <p>
 * None is, where patterns take files back in, because a directory may be ignored and hold files that are not. The root of
 * the context is only if one pattern leaves nothing of it.
 */
final class IgnoredPaths {

    private static final String ROOT = ".";

    private IgnoredPaths() {}

    static boolean contains(IgnorePatterns patterns, String source) {
        if (patterns.isEmpty() || patterns.hasExceptions()) {
            return false;
        }
        String path = cleaned(source);
        return path.equals(ROOT) || path.equals("/") ? patterns.ignoresEverything() : patterns.ignores(path);
    }

    /** Without empty and {@code .} components, and with {@code ..} resolved as far as it goes; a slash in front stays. */
    static String cleaned(String path) {
        boolean rooted = path.startsWith("/");
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            boolean up = part.equals("..");
            if (up && !parts.isEmpty() && !parts.getLast().equals("..")) {
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".") && !(up && rooted)) {
                parts.add(part);
            }
        }
        String joined = String.join("/", parts);
        return rooted ? "/" + joined : joined.isEmpty() ? ROOT : joined;
    }
}
