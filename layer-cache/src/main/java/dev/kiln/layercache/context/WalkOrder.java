package dev.kiln.layercache.context;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.posix.RawPath;

/** Checks entry by entry that names come in the order of a walk, each in a directory that came before. */
final class WalkOrder {
    /** The directories that lead to where the walk is, outermost first. */
    private final Deque<RawPath> way = new ArrayDeque<>();
    private String last = "";

    /** What is wrong with the next entry, in words. */
    Optional<String> add(ContextEntry entry) {
        RawPath name = entry.name();
        if (!isPlain(name)) {
            return Optional.of("the name " + name + " is empty, absolute, or has an empty part, . or ..");
        }
        if (!comesAfter(name.latin1(), last)) {
            return Optional.of("the name " + name + " does not come after the one before it");
        }
        while (!way.isEmpty() && !way.getLast().equals(name.parent())) {
            way.removeLast();
        }
        if (way.isEmpty() && !name.parent().isEmpty()) {
            return Optional.of("the name " + name + " is in no directory of the listing");
        }
        if (entry instanceof ContextEntry.Directory) {
            way.addLast(name);
        }
        last = name.latin1();
        return Optional.empty();
    }

    private static boolean isPlain(RawPath name) {
        List<String> parts = Arrays.asList(name.latin1().split("/", -1));
        return parts.stream().noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    /** In a walk a slash sorts before every other byte. */
    static boolean comesAfter(String name, String before) {
        return compare(name, before) > 0;
    }

    static int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return x == '/' ? -1 : y == '/' ? 1 : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
