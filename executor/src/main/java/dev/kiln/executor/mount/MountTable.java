package dev.kiln.executor.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The mounts of this process's mount namespace, in the order in which the kernel lists them: a mount stands after the one
 * it is mounted on. See proc_pid_mountinfo(5).
 */
record MountTable(List<Entry> entries) {
    private static final Path SELF = Path.of("/proc/self/mountinfo");

    /** @param shared true when mounts made below it also appear in other namespaces */
    record Entry(Path point, boolean shared) {}

    static MountTable read() throws IOException {
        return parse(Files.readString(SELF, StandardCharsets.ISO_8859_1));
    }

    static MountTable parse(String mountinfo) {
        List<Entry> entries = new ArrayList<>();
        for (String line : mountinfo.split("\n")) {
            String[] fields = line.split(" ");
            if (fields.length > 6) {
                entries.add(new Entry(Path.of(unescape(fields[4])), isShared(fields)));
            }
        }
        return new MountTable(entries);
    }

    private static boolean isShared(String[] fields) {
        for (int i = 6; i < fields.length && !fields[i].equals("-"); i++) {
            if (fields[i].startsWith("shared:")) {
                return true;
            }
        }
        return false;
    }

    /** Blanks, newlines and backslashes are written as three octal digits. */
    private static String unescape(String field) {
        StringBuilder latin1 = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                latin1.append((char) Integer.parseInt(field, i + 1, i + 4, 8));
                i += 3;
            } else {
                latin1.append(field.charAt(i));
            }
        }
        return new String(latin1.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** The mount points at and below the directory, in the order of mounting. */
    List<Path> below(Path directory) {
        return entries.stream().map(Entry::point).filter(p -> p.startsWith(directory)).toList();
    }

    /** The mount that shows the directory. */
    Optional<Entry> showing(Path directory) {
        Entry best = null;
        for (Entry entry : entries) {
            if (directory.startsWith(entry.point)
                    && (best == null || entry.point.getNameCount() >= best.point.getNameCount())) {
                best = entry;
            }
        }
        return Optional.ofNullable(best);
    }
}
