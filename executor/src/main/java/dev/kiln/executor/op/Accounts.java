package dev.kiln.executor.op;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    private static final int MAX_FILE = 10 << 20;
    private static final long MAX_ID = 0xffff_fffeL;

    /** What to do about a name that is not there. */
    enum Unknown {
        FAILS, IS_ROOT
    }

    /**
     * The owner that {@code user[:group]} means, each a name or a number. Without a group it is the user's own: for a
     * number the same number, for a name the group in passwd.
     */
    Owner find(String text, Unknown unknown) throws IOException, StepFailed {
        int colon = text.indexOf(':');
        String user = colon < 0 ? text : text.substring(0, colon);
        Owner owner = user.isEmpty() ? Owner.ROOT : user(user, unknown);
        if (colon < 0 || colon == text.length() - 1) {
            return owner;
        }
        return new Owner(owner.uid(), group(text.substring(colon + 1), unknown));
    }

    private Owner user(String user, Unknown unknown) throws IOException, StepFailed {
        Optional<Long> id = number(user);
        if (id.isPresent()) {
            return new Owner(id.get(), id.get());
        }
        Optional<String[]> line = line("/etc/passwd", user, 4);
        if (line.isPresent()) {
            return new Owner(id(line.get()[2], "/etc/passwd"), id(line.get()[3], "/etc/passwd"));
        }
        refuse(unknown, "user", user, "/etc/passwd");
        return Owner.ROOT;
    }

    private long group(String group, Unknown unknown) throws IOException, StepFailed {
        Optional<Long> id = number(group);
        if (id.isPresent()) {
            return id.get();
        }
        Optional<String[]> line = line("/etc/group", group, 3);
        if (line.isPresent()) {
            return id(line.get()[2], "/etc/group");
        }
        refuse(unknown, "group", group, "/etc/group");
        return 0;
    }

    private static void refuse(Unknown unknown, String what, String name, String file) throws StepFailed {
        if (unknown == Unknown.FAILS) {
            throw new StepFailed("unable to find " + what + " " + name + ": no matching entries in " + file
                    + " of the image; add it there in an earlier step, or give a number", Optional.empty());
        }
    }

    private static long id(String text, String file) throws StepFailed {
        return number(text).orElseThrow(() -> new StepFailed("invalid id \"" + text + "\" in " + file,
                Optional.empty()));
    }

    private static Optional<Long> number(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        return Optional.of(Long.parseLong(text)).filter(id -> id <= MAX_ID);
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
