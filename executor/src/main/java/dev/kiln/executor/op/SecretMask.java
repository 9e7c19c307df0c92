package dev.kiln.executor.op;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Finds secrets in output, all at once and in one pass, however the output is cut into pieces (Aho and Corasick's machine).
 * A secret of several lines is looked for line by line, because output is: a line of it is as good as the whole.
 *
 * <p>Lines of fewer than {@link #MIN_LENGTH} bytes are not looked for: they would be found in everything. Of all secrets of
 * a step the first {@link #MAX_BYTES} are. Unchangeable; safe for many threads.
 */
final class SecretMask {
    /** Shorter lines stay as they are. */
    static final int MIN_LENGTH = 4;
    /** What is looked for, in bytes. */
    static final int MAX_BYTES = 64 << 10;
    private static final int ROOT = 0;

    private final Map<Long, Integer> next = new HashMap<>();
    private final List<Integer> fallback = new ArrayList<>(List.of(ROOT));
    private final List<Integer> depth = new ArrayList<>(List.of(0));
    /** The length of the longest secret that ends in a state; 0 for none. */
    private final List<Integer> found = new ArrayList<>(List.of(0));

    private SecretMask(Set<String> lines) {
        lines.forEach(this::add);
        link();
    }

    /** @param secrets as a step is given them */
    static SecretMask of(Collection<byte[]> secrets) {
        Set<String> lines = new HashSet<>();
        int left = MAX_BYTES;
        for (byte[] secret : secrets) {
            for (String line : new String(secret, StandardCharsets.ISO_8859_1).split("[\r\n]+")) {
                if (line.length() >= MIN_LENGTH && line.length() <= left && lines.add(line)) {
                    left -= line.length();
                }
            }
        }
        return new SecretMask(lines);
    }

    boolean isEmpty() {
        return depth.size() == 1;
    }

    /** @param line each character of which stands for a byte */
    private void add(String line) {
        int state = ROOT;
        for (byte b : line.getBytes(StandardCharsets.ISO_8859_1)) {
            Integer after = next.get(edge(state, b));
            if (after == null) {
                after = depth.size();
                next.put(edge(state, b), after);
                depth.add(depth.get(state) + 1);
                fallback.add(ROOT);
                found.add(0);
            }
            state = after;
        }
        found.set(state, line.length());
    }

    /** Gives each state, nearest to the root first, the longest proper suffix of it that is a state too. */
    private void link() {
        Map<Integer, List<Long>> edges = new HashMap<>();
        next.keySet().forEach(edge -> edges.computeIfAbsent((int) (edge >>> 8), _ -> new ArrayList<>()).add(edge));
        Queue<Integer> open = new ArrayDeque<>(List.of(ROOT));
        for (Integer state = open.poll(); state != null; state = open.poll()) {
            for (long edge : edges.getOrDefault(state, List.of())) {
                int child = next.getOrDefault(edge, ROOT);
                if (state != ROOT) {
                    fallback.set(child, step(fallback.get(state), (byte) edge));
                    found.set(child, Math.max(found.get(child), found.get(fallback.get(child))));
                }
                open.add(child);
            }
        }
    }

    private static long edge(int state, byte b) {
        return (long) state << 8 | b & 0xff;
    }

    /** Where a byte leads from a state; a new search begins at 0. */
    int step(int state, byte b) {
        int from = state;
        while (true) {
            Integer after = next.get(edge(from, b));
            if (after != null) {
                return after;
            }
            if (from == ROOT) {
                return ROOT;
            }
            from = fallback.get(from);
        }
    }

    /** How many of the last bytes may be the beginning of a secret. */
    int pending(int state) {
        return depth.get(state);
    }

    /** How many of the last bytes are a secret; 0 for none. */
    int found(int state) {
        return found.get(state);
    }
}
