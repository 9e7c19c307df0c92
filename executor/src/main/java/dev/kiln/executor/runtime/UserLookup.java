package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.kiln.executor.runtime.RuntimeFailure.Code;

/**
 * Finds the ids behind what USER says, in the {@code /etc/passwd} and {@code /etc/group} of a root file system.
 *
 * <p>As Docker has it: digits are always an id, also where a user has them for a name. A user alone brings the group of
 * its passwd line and all groups that list it; {@code user:group} brings that group only; an id without a passwd line has
 * group 0. Both files may be missing, and lines that make no sense are passed over.
 */
final class UserLookup {
    private static final int MAX_FILE = 10 << 20;
    private static final long MAX_ID = Integer.MAX_VALUE;

    private final ContainerRoot root;

    UserLookup(ContainerRoot root) {
        this.root = root;
    }

    /** @param groups supplementary ones; the first is always {@code gid} */
    record Identity(long uid, long gid, List<Long> groups) {
        Identity {
            groups = List.copyOf(groups);
        }
    }

    /**
     * @param user {@code name|uid[:group|gid]}, empty for root
     * @throws RuntimeFailure by the step's fault when there is no such user or group
     */
    Identity find(String user) throws IOException {
        String[] parts = user.split(":", 2);
        String name = parts[0];
        String group = parts.length > 1 ? parts[1] : "";
        OptionalLong uid = name.isEmpty() ? OptionalLong.of(0) : id(name);
        OptionalLong gid = id(group);
        if (uid.isPresent() && gid.isPresent()) {
            return withGroup(uid.getAsLong(), gid.getAsLong());
        }
        Optional<User> found = users().first(u -> uid.isPresent() ? u.uid == uid.getAsLong() : u.name.equals(name));
        if (found.isEmpty() && uid.isEmpty()) {
            throw new RuntimeFailure(Code.STEP, "unable to find user " + name
                    + ": no matching entries in the root file system's /etc/passwd");
        }
        long effective = found.isPresent() ? found.get().uid : uid.getAsLong();
        if (!group.isEmpty()) {
            return withGroup(effective, gid.isPresent() ? gid.getAsLong() : group(group));
        }
        List<Long> groups = new ArrayList<>();
        long primary = found.isPresent() ? found.get().gid : 0;
        groups.add(primary);
        if (found.isPresent()) {
            String member = found.get().name;
            groups().all(g -> g.members.contains(member))
                .stream()
                .map(Group::gid)
                .filter(g -> !groups.contains(g))
                .forEach(
                        groups::add);
        }
        return new Identity(effective, primary, groups);
    }

    private static Identity withGroup(long uid, long gid) {
        return new Identity(uid, gid, List.of(gid));
    }

    private long group(String name) throws IOException {
        return groups().first(g -> g.name.equals(name))
            .orElseThrow(() -> new RuntimeFailure(Code.STEP, "unable to find group " + name
                    + ": no matching entries in the root file system's /etc/group")).gid;
    }

    /** The number, when it is one. */
    private static OptionalLong id(String text) throws RuntimeFailure {
        if (!text.matches("[+-]?[0-9]+")) {
            return OptionalLong.empty();
        }
        if (text.length() > 11 || Long.parseLong(text) < 0 || Long.parseLong(text) > MAX_ID) {
            throw new RuntimeFailure(Code.STEP, "the id " + text + " is not between 0 and " + MAX_ID);
        }
        return OptionalLong.of(Long.parseLong(text));
    }

    private record User(String name, long uid, long gid) {}

    private record Group(String name, long gid, List<String> members) {}

    private Entries<User> users() throws IOException {
        return new Entries<>(lines("/etc/passwd"), f -> new User(f[0], number(f, 2), number(f, 3)));
    }

    private Entries<Group> groups() throws IOException {
        return new Entries<>(lines("/etc/group"),
                f -> new Group(f[0], number(f, 2), f.length > 3 ? Arrays.asList(f[3].split(",")) : List.of()));
    }

    /** A field that is no number counts as 0, and so does one that is missing, as in Docker. */
    private static long number(String[] fields, int index) {
        if (fields.length <= index || !fields[index].matches("[0-9]{1,10}")) {
            return 0;
        }
        return Long.parseLong(fields[index]);
    }

    private List<String> lines(String file) throws IOException {
        return root.read(file, MAX_FILE)
            .map(b -> new String(b, StandardCharsets.UTF_8).lines().map(String::strip).toList())
            .orElse(List.of());
    }

    /** The lines of one of the files, taken apart when they are looked at. */
    private record Entries<T>(List<String> lines, Function<String[], T> parse) {

        Optional<T> first(Predicate<T> wanted) {
            return stream().filter(wanted).findFirst();
        }

        List<T> all(Predicate<T> wanted) {
            return stream().filter(wanted).toList();
        }

        private Stream<T> stream() {
            return lines.stream()
                .filter(l -> !l.isEmpty() && !l.startsWith("#"))
                .map(l -> parse.apply(l.split(":", -1)));
        }
    }
}
