package dev.kiln.dockerfile.ignore;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The patterns of an ignore file, in order.
 *
 * <p>
 * A pattern matches a path if it matches the path itself or one of the directories above it. {@code *} and {@code ?} stand
 * for anything but a slash, {@code **} for any number of directories, {@code [a-z]} for one character, and a backslash
 * takes the meaning from what follows. A pattern after {@code !} takes a path back in. The last pattern that matches
 * decides.
 *
 * <p>
 * A question costs at most (length of path × length of patterns) steps.
 */
public final class IgnorePatterns {

    /** Ignores nothing. */
    public static final IgnorePatterns NONE = new IgnorePatterns(List.of());

    /** In bytes. */
    public static final int LARGEST_FILE = 1 << 20;

    private static final Set<String> ALL_OF_THE_ROOT = Set.of("*", "**", "**/*");

    /** @param all whether it matches every entry of the root */
    private record Rule(PathPattern pattern, boolean exception, boolean all) {

        static Rule of(String pattern, boolean exception, int line) {
            return new Rule(PathPattern.parse(pattern, line), exception, ALL_OF_THE_ROOT.contains(pattern));
        }
    }

    private final List<Rule> rules;

    private IgnorePatterns(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Reads an ignore file: one pattern per line, blanks around it and empty lines dropped, {@code #} in the first column
     * a comment, a byte order mark dropped.
     *
     * @throws IgnoreFileException if it is too large or a pattern is malformed
     */
    public static IgnorePatterns parse(byte[] file) {
        if (file.length > LARGEST_FILE) {
            throw new IgnoreFileException(IgnoreFileException.Code.TOO_LARGE, 1,
                    "the file has " + file.length + " bytes, more than the " + LARGEST_FILE + " that are allowed");
        }
        return parse(new String(file, StandardCharsets.UTF_8));
    }

    /** As {@link #parse(byte[])}. */
    public static IgnorePatterns parse(String text) {
        List<Rule> rules = new ArrayList<>();
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            number++;
            String content = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
            if (!content.startsWith("#") && !content.isBlank()) {
                rules.add(rule(content.strip(), number));
            }
        }
        return new IgnorePatterns(rules);
    }

    /**
     * From patterns without a file around them, such as those of {@code COPY --exclude}, where a slash at the start has no
     * special meaning, so that nothing matches. Line numbers count patterns.
     */
    public static IgnorePatterns of(List<String> patterns) {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < patterns.size(); i++) {
            if (!patterns.get(i).isBlank()) {
                String clean = cleaned(patterns.get(i).strip());
                boolean exception = clean.startsWith("!");
                if (clean.equals("!")) {
                    throw nothingExcepted(i + 1);
                }
                rules.add(Rule.of(exception ? clean.substring(1) : clean, exception, i + 1));
            }
        }
        return new IgnorePatterns(rules);
    }

    private static Rule rule(String text, int line) {
        boolean exception = text.startsWith("!");
        String pattern = exception ? text.substring(1).strip() : text;
        if (pattern.isEmpty()) {
            throw nothingExcepted(line);
        }
        String clean = cleaned(pattern);
        String relative = clean.length() > 1 && clean.startsWith("/") ? clean.substring(1) : clean;
        return Rule.of(relative, exception, line);
    }

    private static IgnoreFileException nothingExcepted(int line) {
        return new IgnoreFileException(IgnoreFileException.Code.PATTERN, line, "illegal exclusion pattern: \"!\"");
    }

    /** Without empty and {@code .} components, and with {@code ..} resolved as far as it goes. */
    private static String cleaned(String path) {
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
        return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether some pattern takes paths back in. */
    public boolean hasExceptions() {
        return rules.stream().anyMatch(Rule::exception);
    }

    /** Whether one pattern alone leaves nothing of the context; exceptions are not looked at. */
    public boolean ignoresEverything() {
        return rules.stream().anyMatch(rule -> rule.all && !rule.exception);
    }

    /**
     * Whether the path stays out of the context.
     *
     * @param path relative, without {@code .}, {@code ..} or empty components; the root itself is never ignored
     */
    public boolean ignores(String path) {
        return deciding(path) >= 0;
    }

    /**
     * Whether a directory is ignored and nothing below it can be taken back in, so that a walk may leave it out entirely.
     * Where this is false for an ignored directory, what is below must be asked about one by one.
     */
    public boolean skipsDirectory(String directory) {
        int by = deciding(directory);
        // Exceptions before the deciding pattern lose to it below the directory as well.
        return by >= 0 && rules.stream()
            .skip(by + 1L)
            .noneMatch(rule -> rule.exception && rule.pattern.mayMatchBelow(directory));
    }

    /** Whether there can be a path below the directory that a pattern without {@code !} matches. */
    public boolean mayMatchBelow(String directory) {
        return rules.stream().anyMatch(rule -> !rule.exception && rule.pattern.mayMatchBelow(directory));
    }

    /**
     * What the patterns say of one path in a walk from the top. It differs from {@link #ignores} where a pattern after
     * {@code !} matches a directory that was not ignored: it was not needed there, and below it is not looked at again.
     *
     * @param directory what was said of the directory that the path is in; {@link Said#NOTHING} at the top
     * @param path from the top, as for {@link #ignores}
     */
    public Said within(Said directory, String path) {
        boolean[] matched = new boolean[rules.size()];
        boolean ignored = false;
        for (int i = 0; i < matched.length; i++) {
            Rule rule = rules.get(i);
            matched[i] = directory.matched.length > 0 && directory.matched[i]
                    || rule.exception == ignored && rule.pattern.matches(path);
            if (matched[i]) {
                ignored = !rule.exception;
            }
        }
        return new Said(ignored, matched);
    }

    /** An answer of {@link #within}, which the answers for what is below build upon. */
    public static final class Said {
        /** For the top, which no pattern matches. */
        public static final Said NOTHING = new Said(false, new boolean[0]);

        private final boolean ignored;
        private final boolean[] matched;

        private Said(boolean ignored, boolean[] matched) {
            this.ignored = ignored;
            this.matched = matched;
        }

        public boolean ignored() {
            return ignored;
        }
    }

    private int deciding(String path) {
        int by = -1;
        if (path.isEmpty() || path.equals(".")) {
            return by;
        }
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if (rule.exception == (by >= 0) && rule.pattern.matchesOrContains(path)) {
                by = rule.exception ? -1 : i;
            }
        }
        return by;
    }
}
