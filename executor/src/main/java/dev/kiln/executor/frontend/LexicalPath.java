package dev.kiln.executor.frontend;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths with {@code /} between names, as text: nothing is looked up. */
final class LexicalPath {

    private LexicalPath() {}

    static boolean isAbsolute(String path) {
        return path.startsWith("/");
    }

    /** The absolute path without empty names, {@code .} and {@code ..}, which stop at the root. */
    static String clean(String absolute) {
        Deque<String> names = new ArrayDeque<>();
        for (String name : absolute.split("/")) {
            if (name.equals("..")) {
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        return "/" + String.join("/", names);
    }

    /** The path as it stands when absolute, else below {@code parent} and clean; the empty path is the parent. */
    static String resolve(String parent, String path) {
        String from = parent.isEmpty() ? "/" : isAbsolute(parent) ? parent : clean("/" + parent);
        if (path.isEmpty()) {
            return from;
        }
        return isAbsolute(path) ? path : clean(from + "/" + path);
    }
}
