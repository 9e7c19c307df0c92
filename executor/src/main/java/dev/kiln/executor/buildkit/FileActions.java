package dev.kiln.executor.buildkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.layercache.oci.Digest;

/** The actions of one operation on files, in BuildKit's words. */
final class FileActions {
    /** No input, or no output. */
    static final int NONE = -1;
    private static final int DIRECTORY = 0755;

    private final List<String> actions = new ArrayList<>();
    private final List<int[]> sources = new ArrayList<>();

    /** Adds an action. */
    private FileActions add(GoJson action, int base, int second) {
        actions.add(action.toString());
        sources.add(new int[]{base, second});
        return this;
    }

    /** A new file on nothing. */
    static Digest file(String path, int mode, String content) {
        return new FileActions()
            .add(GoJson.object()
                .string("path", path)
                .nonZero("mode", mode)
                .bytes("data", content.getBytes(StandardCharsets.UTF_8))
                .number("timestamp", -1), NONE, NONE)
            .digest(0);
    }

    /** The root of a cache that somebody else shall own. */
    static Digest cacheRoot(StepMount.Permissions root, int base) {
        return new FileActions()
            .add(GoJson.object()
                .string("path", "/cache")
                .nonZero("mode", root.mode() & 0777)
                .object("owner", GoJson.object().object("user", byId(root.uid())).object("group", byId(root.gid())))
                .number("timestamp", -1), base, NONE)
            .digest(base == NONE ? 0 : 1);
    }

    static Digest directory(OpSpec.MakeDirectory made, int base) {
        GoJson action = GoJson.object()
            .string("path", made.path())
            .number("mode", DIRECTORY)
            .flag("makeParents", true);
        made.owner().ifPresent(owner -> action.object("owner", owner(owner, base)));
        action.nonZero("timestamp", made.modified()
            .map(time -> Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano()))
            .orElse(-1L));
        return new FileActions().add(action, base, NONE).digest(base == NONE ? 0 : 1);
    }

    /**
     * Adds a copy.
     *
     * @param base index of the input that is copied to
     * @param from index of the input that is copied from
     */
    void copy(CopyItem item, OpSpec.Copy copy, int base, int from) {
        boolean plain = item instanceof CopyItem.Paths paths && paths.wildcards();
        String source = path(item);
        GoJson action = GoJson.object()
            .string("src", source.equals("/") ? source : baseName(source))
            .string("dest", copy.destination());
        copy.owner().ifPresent(owner -> action.object("owner", owner(owner, base)));
        Optional<Integer> octal = copy.mode().flatMap(FileActions::octal);
        action.nonZero("mode", copy.mode().isEmpty() ? -1 : octal.orElse(0))
            .flag("followSymlink", plain)
            .flag("dirCopyContents", plain)
            .flag("attemptUnpackDockerCompatibility", item instanceof CopyItem.Paths paths && paths.unpack())
            .flag("createDestPath", true)
            .flag("allowWildcard", plain)
            .flag("allowEmptyWildcard", plain)
            .number("timestamp", -1)
            .nonEmpty("include_patterns", include(item).map(List::of).orElse(List.of()))
            .nonEmpty("exclude_patterns", copy.excludes())
            .nonEmpty("modeStr", octal.isPresent() ? "" : copy.mode().orElse(""))
            .nonEmpty("required_paths", required(item));
        FileActions _ = add(action, base, from);
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Where the item is in its input: absolute. */
    static String path(CopyItem item) {
        return switch (item) {
            case CopyItem.Paths paths -> paths.path().equals(".") ? "/" : "/" + paths.path();
            case CopyItem.Inline inline -> "/" + inline.name();
        };
    }

    static Optional<String> include(CopyItem item) {
        return item instanceof CopyItem.Paths paths ? paths.below() : Optional.empty();
    }

    private static List<String> required(CopyItem item) {
        Optional<String> below = include(item);
        if (below.isEmpty() || isPattern(path(item)) || isPattern(below.get())) {
            return List.of();
        }
        String root = path(item);
        return List.of(root.equals("/") ? "/" + below.get() : root + "/" + below.get());
    }

    static boolean isPattern(String path) {
        for (int i = 0; i < path.length(); i++) {
            switch (path.charAt(i)) {
                case '*', '?', '[' -> {
                    return true;
                }
                case '\\' -> i++;
                default -> {
                    // a letter like any other
                }
            }
        }
        return false;
    }

    private static Optional<Integer> octal(String mode) {
        return mode.matches("[0-7]{1,5}") ? Optional.of(Integer.parseInt(mode, 8)) : Optional.empty();
    }

    /** {@code user[:group]}, each a name or a number. */
    private static GoJson owner(String text, int base) {
        String[] parts = text.split(":", 2);
        GoJson owner = GoJson.object().object("user", account(parts[0], base));
        return parts.length == 2 ? owner.object("group", account(parts[1], base)) : owner;
    }

    private static GoJson account(String text, int base) {
        if (text.equals("root") || text.isEmpty()) {
            return byId(0);
        }
        try {
            return byId(Integer.parseInt(text));
        } catch (NumberFormatException name) {
            return GoJson.object()
                .object("User", GoJson.object()
                    .object("byName", GoJson.object().string("name", text).nonZero("input", base)));
        }
    }

    private static GoJson byId(long id) {
        return GoJson.object().object("User", GoJson.object().nonZero("byId", id & 0xffff_ffffL));
    }

    /** @param inputs how many inputs the operation has */
    Digest digest(int inputs) {
        List<List<Integer>> indexes = new ArrayList<>();
        boolean usual = true;
        for (int i = 0; i < sources.size(); i++) {
            int base = i == 0 ? sources.get(i)[0] : inputs + i - 1;
            int second = sources.get(i)[1];
            int output = i == sources.size() - 1 ? 0 : NONE;
            indexes.add(List.of(base, second, output));
            usual &= base == (i == 0 ? 0 : sources.size() + i - 1) && (second == NONE || second == 1);
        }
        return CacheKeys.digest(GoJson.object()
            .string("Type", "buildkit.file.v0")
            .blobs("Actions", actions)
            .numbers("indexes", usual ? List.of() : indexes)
            .toString());
    }
}
