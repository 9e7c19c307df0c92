package dev.kiln.dockerfile.instruction;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths with slashes, by their text alone. */
final class SlashPath {

    private SlashPath() {}

    /** Without {@code .}, doubled slashes and those {@code ..} that can be taken back; {@code .} if nothing is left. */
    static String clean(String path) {
        boolean rooted = path.startsWith("/");
        Deque<String> kept = new ArrayDeque<>();
        for (String name : path.split("/")) {
            boolean back = name.equals("..");
            if (back && !kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if (!name.isEmpty() && !name.equals(".") && !(back && rooted)) {
                kept.addLast(name);
            }
        }
        String joined = String.join("/", kept);
        return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
    }

    /** The last name; {@code .} of the empty path, {@code /} of the root. */
    static String base(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        if (end == 0) {
            return path.isEmpty() ? "." : "/";
        }
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }
}
