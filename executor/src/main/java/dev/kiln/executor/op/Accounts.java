package dev.kiln.executor.op;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileStat.Owner;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** The users and groups of a root: {@code /etc/passwd} and {@code /etc/group} in it. */
record Accounts(Root root) {
    static final String USERS = "/etc/passwd";
    static final String GROUPS = "/etc/group";
    private static final int MAX_FILE = 10 << 20;
    private static final long MAX_ID = 0xffff_fffeL;

    /**
     * @param unknown the names that were not there, each as {@code user x} or {@code group x}; they change nothing, and without them it is root
     */
    record Found(Owner owner, List<String> unknown) {}

    /** Whether something has to be looked up to tell what {@code user[:group]} means. */
    static boolean hasName(String text) {
        return Arrays.stream(text.split(":", 2)).anyMatch(part -> number(part).isEmpty());
    }

    /**
     * The owner that {@code user[:group]} means, each a name or a number. Without a group it is the user's own: for a
     * number the same number, for a name the group in passwd. {@code root} is 0 whatever the files say.
     */
    Found find(String text) throws IOException, StepFailed {
        List<String> unknown = new ArrayList<>();
        int colon = text.indexOf(':');
        String user = colon < 0 ? text : text.substring(0, colon);
        Owner owner = user.isEmpty() ? Owner.ROOT : user(user, unknown);
        if (colon >= 0 && colon < text.length() - 1) {
            owner = new Owner(owner.uid(), group(text.substring(colon + 1), owner.gid(), unknown));
        }
        return new Found(owner, unknown);
    }

    private Owner user(String user, List<String> unknown) throws IOException, StepFailed {
        Optional<Long> id = number(user);
        if (id.isPresent()) {
            return new Owner(id.get(), id.get());
        }
        Optional<String[]> line = line(USERS, user, 4);
        if (line.isPresent()) {
            return new Owner(id(line.get()[2], USERS), id(line.get()[3], USERS));
        }
        unknown.add("user " + user);
        return Owner.ROOT;
    }

    private long group(String group, long otherwise, List<String> unknown) throws IOException, StepFailed {
        Optional<Long> id = number(group);
        if (id.isPresent()) {
            return id.get();
        }
        Optional<String[]> line = line(GROUPS, group, 3);
        if (line.isPresent()) {
            return id(line.get()[2], GROUPS);
        }
        unknown.add("group " + group);
        return otherwise;
    }

    private static long id(String text, String file) throws StepFailed {
        return digits(text).filter(id -> id <= MAX_ID)
            .orElseThrow(() -> new StepFailed("invalid id \"" + text + "\" in " + file, Optional.empty()));
    }

    /** The id that a user or group is given by; what is beyond 31 bits is a name, as BuildKit has it. */
    private static Optional<Long> number(String text) {
        return text.equals("root") ? Optional.of(0L) : digits(text).filter(id -> id <= Integer.MAX_VALUE);
    }

    private static Optional<Long> digits(String text) {
        return text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Optional.empty()
                : Optional.of(Long.parseLong(text));
    }

    private Optional<String[]> line(String file, String name, int fields) throws IOException, StepFailed {
        RawPath path = root.follow(file);
        Optional<FileStat> stat = Posix.lstatIfExists(path);
        if (stat.isEmpty()) {
            return Optional.empty();
        }
        if (stat.get().type() != FileType.REGULAR) {
            throw new StepFailed("\"" + file + "\" is not a regular file", Optional.empty());
        }
        if (stat.get().size() > MAX_FILE) {
            throw new StepFailed("\"" + file + "\" exceeds " + MAX_FILE + " bytes", Optional.empty());
        }
        return read(path).lines()
            .map(line -> line.strip().split(":", -1))
            .filter(line -> line.length >= fields && line[0].equals(name))
            .findFirst();
    }

    private static String read(RawPath path) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        try (FileHandle in = FileHandle.openForReading(path)) {
            while (text.size() <= MAX_FILE && in.read(buffer.clear()) >= 0) {
                text.write(buffer.array(), 0, buffer.position());
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
