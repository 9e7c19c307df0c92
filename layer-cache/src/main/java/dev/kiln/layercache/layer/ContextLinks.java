package dev.kiln.layercache.layer;

import java.util.ArrayDeque;
import java.util.Deque;

import dev.kiln.layercache.posix.RawPath;

/** Where symbolic links of a context lead. */
public final class ContextLinks {

    private ContextLinks() {}

    /**
     * The name in the context that a link leads to. One that leads out of the context stays at its root, as for a process
     * whose root that is.
     *
     * @param name of the link, from the root of the context
     * @param link what it says
     */
    public static RawPath target(RawPath name, RawPath link) {
        RawPath target = link.latin1().startsWith("/") ? link : name.parent().resolve(link);
        Deque<String> names = new ArrayDeque<>();
        for (String part : target.latin1().split("/")) {
            switch (part) {
                case "", "." -> {
                    // the same directory
                }
                case ".." -> names.pollLast();
                default -> names.add(part);
            }
        }
        return RawPath.ofLatin1(String.join("/", names));
    }
}
