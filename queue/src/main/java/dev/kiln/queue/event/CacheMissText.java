package dev.kiln.queue.event;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import dev.kiln.queue.event.CacheMiss.Difference;

/** Why a step ran, as people read it. */
public final class CacheMissText {
    private static final int DIGEST = "sha256:".length() + 12;

    private CacheMissText() {}

    /** All of it, a line for each difference. */
    public static List<String> lines(CacheMiss miss) {
        return switch (miss) {
            case CacheMiss.First _ -> List.of("no earlier result of this step");
            case CacheMiss.NotWanted(var wish) -> List.of(switch (wish) {
                case REQUEST -> "the build asked for no cache";
                case COMMENT -> "its comment asks for no cache";
            });
            case CacheMiss.Expired(var made, var ttl) ->
                List.of("its result of " + second(made) + " is older than " + text(ttl));
            case CacheMiss.Removed(var made, var what) ->
                List.of("its result of " + second(made) + " was removed from the cache: " + what);
            case CacheMiss.Unreadable(var message) -> List.of("the cache could not be read: " + message);
            case CacheMiss.Changed changed -> changed(changed);
        };
    }

    private static List<String> changed(CacheMiss.Changed changed) {
        List<String> lines = new ArrayList<>(changed.differences().stream().map(CacheMissText::line).toList());
        if (changed.more() > 0) {
            lines.add("and " + changed.more() + " more");
        }
        return lines;
    }

    /** The same in one line, with the first difference only; empty for what needs no saying while a build runs. */
    static Optional<String> headline(CacheMiss miss) {
        return switch (miss) {
            case CacheMiss.First _,CacheMiss.NotWanted _ -> Optional.empty();
            case CacheMiss.Changed changed -> {
                int more = changed.differences().size() - 1 + changed.more();
                yield Optional.of(line(changed.differences().getFirst())
                        + (more > 0 ? ", and " + more + " more" : ""));
            }
            case CacheMiss.Expired _,CacheMiss.Removed _,CacheMiss.Unreadable _ ->
                Optional.of(lines(miss).getFirst());
        };
    }

    static String line(Difference difference) {
        return switch (difference) {
            case Difference.Setting setting -> setting(setting);
            case Difference.Base(var name, var before, var after) -> "base image " + name + ": "
                    + before.map(old -> shortened(old) + " → ").orElse("") + shortened(after);
            case Difference.File file -> file.path() + ": " + file(file);
            case Difference.Input(var name, var _, var outcome) -> switch (outcome) {
                case OTHER_FILES -> name + " gave other files";
                case MADE_ANEW -> name + " was made anew";
                case ADDED -> name + " was added";
            };
        };
    }

    private static String setting(Difference.Setting setting) {
        String name = switch (setting.kind()) {
            case COMMAND, ARGUMENT, VARIABLE, SOURCE, MOUNT, SECRET, SSH ->
                setting.kind().name().toLowerCase(Locale.ROOT) + (setting.name().isEmpty() ? "" : " ")
                        + setting.name();
            case OPTION -> setting.name();
        };
        Optional<String> before = setting.before().map(CacheMissText::quoted);
        Optional<String> after = setting.after().map(CacheMissText::quoted);
        if (before.isPresent() && after.isPresent()) {
            return name + ": " + before.get() + " → " + after.get();
        }
        return after.isPresent() ? name + " added: " + after.get() : name + " removed: " + before.orElse("");
    }

    private static String quoted(String value) {
        return value.isEmpty() || value.chars().anyMatch(c -> c == ' ' || c < ' ')
                ? "\"" + value.replace("\n", "\\n") + "\""
                : value;
    }

    private static String file(Difference.File file) {
        String values = file.before().isPresent() && file.after().isPresent()
                ? " " + file.before().get() + " → " + file.after().get()
                : " changed";
        return switch (file.change()) {
            case ADDED -> "added";
            case REMOVED -> "removed";
            case CONTENT -> "content changed";
            case MODE -> "mode" + values;
            case OWNER -> "owner" + values;
            case TYPE -> "type" + values;
            case TARGET -> "target of the link changed";
            case ATTRIBUTES -> "extended attributes changed";
        };
    }

    private static String shortened(String digest) {
        return digest.length() > DIGEST && digest.startsWith("sha256:") ? digest.substring(0, DIGEST) : digest;
    }

    /** Without fractions. */
    public static String second(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String text(Duration ttl) {
        return ttl.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }
}
