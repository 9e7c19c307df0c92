package dev.kiln.executor.history;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.event.CacheMiss.Difference.Kind;
import dev.kiln.queue.event.CacheMiss.Difference.Setting;

/**
 * Compares the preimages of two results of one step. What stands in them by number (words of a command, variables,
 * sources, mounts) is compared by what it is called, so that one more does not make all that follow another.
 */
final class SettingComparison {
    private static final Pattern SOURCE = Pattern.compile("Paths\\[input=(\\d+), path=(.*), wildcards=(?:true|false),"
            + " below=Optional(?:\\.empty|\\[(.*)\\]), unpack=(?:true|false)\\]", Pattern.DOTALL);
    private static final Pattern INLINE = Pattern.compile("Inline\\[name=(.*), content=.*\\]", Pattern.DOTALL);
    private static final Map<String, String> NAMES = Map.of("cwd", "working directory", "shm", "shared memory",
            "exclude", "excluded");

    /** Several values together, each of which was clipped. */
    private static final int LONGEST = 2 * StepRecord.LONGEST;

    private final Parts before;
    private final Parts after;
    private final List<String> arguments;
    private final List<Difference> found = new ArrayList<>();

    private SettingComparison(Parts before, Parts after, List<String> arguments) {
        this.before = before;
        this.after = after;
        this.arguments = arguments;
    }

    /** @param arguments which of the variables are arguments of the build */
    static List<Difference> of(SortedMap<String, String> before, SortedMap<String, String> after,
            List<String> arguments) {
        if (before.equals(after)) {
            return List.of();
        }
        SettingComparison comparison = new SettingComparison(Parts.of(before), Parts.of(after), arguments);
        comparison.compare();
        if (comparison.found.isEmpty()) {
            comparison.asTheyAre(before, after);
        }
        return comparison.found;
    }

    /**
     * A preimage taken apart: lists in order, the fields of mounts by the number of the mount, and the rest.
     *
     * @param lists by name, without empty ones
     */
    private record Parts(Map<String, List<String>> lists, List<Map<String, String>> mounts,
            Map<String, String> singles) {
        private static final Pattern NUMBERED = Pattern.compile("([a-zA-Z]+)\\.(\\d{1,9})(?:\\.([a-z]+))?");

        static Parts of(SortedMap<String, String> preimage) {
            Map<String, SortedMap<Integer, String>> lists = new LinkedHashMap<>();
            SortedMap<Integer, Map<String, String>> mounts = new TreeMap<>();
            Map<String, String> singles = new LinkedHashMap<>();
            preimage.forEach((name, value) -> {
                Matcher numbered = NUMBERED.matcher(name);
                if (!numbered.matches()) {
                    singles.put(name, value);
                } else if (numbered.group(1).equals("mount")) {
                    String field = Optional.ofNullable(numbered.group(3)).orElse("");
                    mounts.computeIfAbsent(Integer.valueOf(numbered.group(2)), _ -> new LinkedHashMap<>())
                        .put(field, value);
                } else {
                    lists.computeIfAbsent(numbered.group(1), _ -> new TreeMap<>())
                        .put(Integer.valueOf(numbered.group(2)), value);
                }
            });
            Map<String, List<String>> inOrder = new LinkedHashMap<>();
            lists.forEach((name, list) -> inOrder.put(name, List.copyOf(list.values())));
            return new Parts(inOrder, List.copyOf(mounts.values()), singles);
        }

        List<String> list(String name) {
            return lists.getOrDefault(name, List.of());
        }
    }

    /** What differs in a way that has no better name, such as the order of variables. */
    private void asTheyAre(SortedMap<String, String> old, SortedMap<String, String> now) {
        for (String name : new TreeSet<>(union(old, now))) {
            setting(Kind.OPTION, name, Optional.ofNullable(old.get(name)), Optional.ofNullable(now.get(name)));
        }
    }

    private void compare() {
        command();
        variables();
        sources();
        mounts();
        for (String name : new TreeSet<>(union(before.lists, after.lists))) {
            switch (name) {
                case "arg", "env", "source" -> {
                    // compared above
                }
                default -> setting(Kind.OPTION, name, joined(before.list(name)), joined(after.list(name)));
            }
        }
        for (String name : new TreeSet<>(union(before.singles, after.singles))) {
            setting(Kind.OPTION, name, Optional.ofNullable(before.singles.get(name)),
                    Optional.ofNullable(after.singles.get(name)));
        }
    }

    private static List<String> union(Map<String, ?> one, Map<String, ?> other) {
        List<String> all = new ArrayList<>(one.keySet());
        all.addAll(other.keySet());
        return all;
    }

    private static Optional<String> joined(List<String> values) {
        return values.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", values));
    }

    private void setting(Kind kind, String name, Optional<String> old, Optional<String> now) {
        if (!old.equals(now)) {
            String shown = kind == Kind.OPTION ? NAMES.getOrDefault(name, name) : name;
            found.add(new Setting(kind, shown, old.map(SettingComparison::shown), now.map(SettingComparison::shown)));
        }
    }

    private static String shown(String value) {
        return StepRecord.clip(value, LONGEST);
    }

    /** The shell that is the same in both is left out. */
    private void command() {
        List<String> old = before.list("arg");
        List<String> now = after.list("arg");
        int same = 0;
        while (same < old.size() - 1 && same < now.size() - 1 && old.get(same).equals(now.get(same))) {
            same++;
        }
        setting(Kind.COMMAND, "", joined(old.subList(same, old.size())), joined(now.subList(same, now.size())));
    }

    private void variables() {
        SequencedMap<String, String> old = byName(before.list("env"));
        SequencedMap<String, String> now = byName(after.list("env"));
        for (String name : new LinkedHashSet<>(union(now, old))) {
            setting(arguments.contains(name) ? Kind.ARGUMENT : Kind.VARIABLE, name,
                    Optional.ofNullable(old.get(name)), Optional.ofNullable(now.get(name)));
        }
    }

    private static SequencedMap<String, String> byName(List<String> entries) {
        SequencedMap<String, String> all = new LinkedHashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            all.put(equals < 0 ? entry : entry.substring(0, equals), equals < 0 ? "" : entry.substring(equals + 1));
        }
        return all;
    }

    private void sources() {
        List<String> old = before.list("source");
        List<String> now = after.list("source");
        if (old.equals(now)) {
            return;
        }
        List<String> shownOld = old.stream().map(SettingComparison::source).toList();
        List<String> shownNow = now.stream().map(SettingComparison::source).toList();
        if (shownOld.equals(shownNow)) {
            setting(Kind.SOURCE, String.join(" ", shownNow), Optional.of("taken in another way"), Optional.empty());
        } else {
            setting(Kind.SOURCE, "", joined(shownOld), joined(shownNow));
        }
    }

    private static String source(String value) {
        Matcher paths = SOURCE.matcher(value);
        if (paths.matches()) {
            String below = paths.group(3);
            return below == null ? paths.group(2) : paths.group(2) + "/./" + below;
        }
        Matcher inline = INLINE.matcher(value);
        return inline.matches() ? "<<" + inline.group(1) : value;
    }

    private void mounts() {
        Set<String> told = new HashSet<>();
        ids(Kind.SECRET, "secret", told);
        ids(Kind.SSH, "ssh", told);
        Map<String, Map<String, String>> old = byTarget(before.mounts, told);
        Map<String, Map<String, String>> now = byTarget(after.mounts, told);
        for (String target : new LinkedHashSet<>(union(now, old))) {
            setting(Kind.MOUNT, target, Optional.ofNullable(old.get(target)).map(SettingComparison::mount),
                    Optional.ofNullable(now.get(target)).map(SettingComparison::mount));
        }
    }

    /** Which secrets, or agents: those that are in one only, in pairs as far as there are. */
    private void ids(Kind kind, String word, Set<String> told) {
        List<String> gone = ids(before, word);
        ids(after, word).forEach(gone::remove);
        List<String> come = ids(after, word);
        ids(before, word).forEach(come::remove);
        for (int i = 0; i < Math.max(gone.size(), come.size()); i++) {
            setting(kind, "", at(gone, i), at(come, i));
        }
        told.addAll(gone);
        told.addAll(come);
    }

    private static Optional<String> at(List<String> list, int index) {
        return index < list.size() ? Optional.of(list.get(index)) : Optional.empty();
    }

    private static List<String> ids(Parts parts, String word) {
        return parts.mounts.stream()
            .filter(mount -> is(mount, word))
            .map(mount -> mount.getOrDefault("id", ""))
            .collect(Collectors.toCollection(ArrayList::new));
    }

    private static boolean is(Map<String, String> mount, String word) {
        String what = mount.getOrDefault("", "");
        return what.startsWith(word + " ") || what.startsWith("required " + word + " ");
    }

    /** Without those whose place follows from an id that was told already. */
    private static Map<String, Map<String, String>> byTarget(List<Map<String, String>> mounts, Set<String> told) {
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        for (Map<String, String> mount : mounts) {
            String id = mount.getOrDefault("id", "");
            String target = mount.getOrDefault("target", mount.getOrDefault("env", id));
            if (!(told.contains(id) && target.endsWith("/" + id))) {
                all.put(target, mount);
            }
        }
        return all;
    }

    /** What it is, without its place and id, which are told by themselves. */
    private static String mount(Map<String, String> fields) {
        StringBuilder text = new StringBuilder(fields.getOrDefault("", ""));
        fields.forEach((name, value) -> {
            switch (name) {
                case "", "target", "id" -> {
                    // said elsewhere
                }
                case "source" -> text.append(value.equals(".") ? "" : " at " + value);
                default -> text.append(' ').append(name).append(' ').append(value);
            }
        });
        return text.toString();
    }
}
