package dev.kiln.executor.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.history.FileList.Entry;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.event.CacheMiss.Difference.Change;
import dev.kiln.queue.event.CacheMiss.Difference.File;

/** Compares two lists of files: first what changed or came, in the order of the newer list, then what went. */
final class FileComparison {
    /** A path may have 4096 bytes, each of which takes four characters when it has to be escaped. */
    private static final int LONGEST_PATH = 1_000;

    private final String from;
    private final List<Difference> found = new ArrayList<>();

    private FileComparison(String from) {
        this.from = from;
    }

    /** @param from the step whose files they are, as people read it */
    static List<Difference> of(FileList before, FileList after, String from) {
        FileComparison comparison = new FileComparison(from);
        Map<String, Entry> old = before.byPath();
        Map<String, Entry> now = after.byPath();
        now.forEach((path, entry) -> comparison.compare(path, Optional.ofNullable(old.get(path)), entry));
        old.keySet().stream().filter(path -> !now.containsKey(path)).forEach(comparison::removed);
        return comparison.found;
    }

    private void compare(String path, Optional<Entry> before, Entry after) {
        if (before.isEmpty()) {
            add(path, Change.ADDED, Optional.empty(), Optional.empty());
            return;
        }
        Entry old = before.get();
        if (old.equals(after)) {
            return;
        }
        if (old.type() != after.type()) {
            add(path, Change.TYPE, Optional.of(word(old.type())), Optional.of(word(after.type())));
            return;
        }
        if (old.content() != after.content()) {
            add(path, after.type() == FileType.SYMLINK ? Change.TARGET : Change.CONTENT, Optional.empty(),
                    Optional.empty());
        }
        if (old.mode() != after.mode()) {
            add(path, Change.MODE, Optional.of(mode(old)), Optional.of(mode(after)));
        }
        if (old.uid() != after.uid() || old.gid() != after.gid()) {
            add(path, Change.OWNER, Optional.of(owner(old)), Optional.of(owner(after)));
        }
        if (old.attributes() != after.attributes()) {
            add(path, Change.ATTRIBUTES, Optional.empty(), Optional.empty());
        }
    }

    private void removed(String path) {
        add(path, Change.REMOVED, Optional.empty(), Optional.empty());
    }

    private void add(String path, Change change, Optional<String> before, Optional<String> after) {
        String shown = path.length() <= LONGEST_PATH ? path : "…" + path.substring(path.length() - LONGEST_PATH);
        found.add(new File(from, shown.isEmpty() ? "." : shown, change, before, after));
    }

    private static String mode(Entry entry) {
        return String.format(Locale.ROOT, "%04o", entry.mode());
    }

    private static String owner(Entry entry) {
        return entry.uid() + ":" + entry.gid();
    }

    private static String word(FileType type) {
        return switch (type) {
            case REGULAR -> "file";
            case DIRECTORY -> "directory";
            case SYMLINK -> "link";
            case FIFO -> "pipe";
            case SOCKET -> "socket";
            case CHARACTER_DEVICE, BLOCK_DEVICE -> "device";
        };
    }
}
