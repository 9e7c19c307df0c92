package dev.kiln.executor.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.runtime.RuntimeFailure.Code;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * A root file system seen from outside, with paths as a process inside sees them: links and {@code ..} never lead out of
 * it. Holds only while no process inside is running.
 */
record ContainerRoot(RawPath root) {
    private static final int MAX_LINKS = 40;
    private static final RawPath DOT = RawPath.ofUtf8(".");
    private static final RawPath DOT_DOT = RawPath.ofUtf8("..");

    /**
     * Where the path is on the host, all links followed. What is missing is taken as it is written.
     *
     * @throws RuntimeFailure by the step's fault when there are too many links
     */
    RawPath resolve(String path) throws IOException {
        return locate(RawPath.ofUtf8(path)).onHost();
    }

    /** As {@link #resolve}, taken apart. */
    Located locate(RawPath path) throws IOException {
        Deque<RawPath> todo = new ArrayDeque<>(components(path));
        Deque<RawPath> done = new ArrayDeque<>();
        int links = 0;
        while (!todo.isEmpty()) {
            RawPath next = todo.removeFirst();
            if (next.equals(DOT_DOT)) {
                done.pollLast();
                continue;
            }
            done.addLast(next);
            RawPath here = new Located(root, List.copyOf(done)).onHost();
            Optional<FileStat> stat = Posix.lstatIfExists(here);
            if (stat.isPresent() && stat.get().type() == FileType.SYMLINK) {
                if (++links > MAX_LINKS) {
                    throw new RuntimeFailure(Code.STEP, "looking for " + path + " in the root file system: too many"
                            + " symbolic links, the last of them " + next);
                }
                done.removeLast();
                RawPath target = Posix.readlink(here);
                if (target.latin1().startsWith("/")) {
                    done.clear();
                }
                components(target).reversed().forEach(todo::addFirst);
            }
        }
        return new Located(root, List.copyOf(done));
    }

    private static List<RawPath> components(RawPath path) {
        List<RawPath> components = new ArrayList<>();
        for (String component : path.latin1().split("/")) {
            RawPath name = RawPath.ofLatin1(component);
            if (!name.isEmpty() && !name.equals(DOT)) {
                components.add(name);
            }
        }
        return components;
    }

    /**
     * The content of a regular file, or empty when there is none at the path.
     *
     * @throws RuntimeFailure by the step's fault when it is longer than {@code limit} bytes
     */
    Optional<byte[]> read(String path, int limit) throws IOException {
        RawPath file = resolve(path);
        Optional<FileStat> stat = Posix.lstatIfExists(file);
        if (stat.isEmpty() || stat.get().type() != FileType.REGULAR) {
            return Optional.empty();
        }
        byte[] start = readStart(file, Math.toIntExact(Math.min(limit + 1L, stat.get().size() + 1)));
        if (start.length > limit) {
            throw new RuntimeFailure(Code.STEP,
                    "reading " + path + " of the root file system: it is longer than " + limit
                            + " bytes");
        }
        return Optional.of(start);
    }

    /** At most {@code limit} bytes from the start of a file. */
    static byte[] readStart(RawPath file, int limit) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(limit);
        try (FileHandle handle = FileHandle.openForReading(file)) {
            while (buffer.hasRemaining() && handle.read(buffer) >= 0) {
                // until it is full or the file ends
            }
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** A place below a root, by names of which none is a link. */
    record Located(RawPath root, List<RawPath> names) {

        RawPath onHost() {
            return in(root);
        }

        /** The same place below another directory. */
        RawPath in(RawPath directory) {
            RawPath path = directory;
            for (RawPath name : names) {
                path = path.resolve(name);
            }
            return path;
        }

        boolean isRoot() {
            return names.isEmpty();
        }

        boolean isBelow(Located other) {
            return names.size() > other.names.size() && names.subList(0, other.names.size()).equals(other.names);
        }

        /** The rest of the path after that of a place above. */
        RawPath below(Located above) {
            return new Located(root, names.subList(above.names.size(), names.size())).in(RawPath.ofUtf8("/"));
        }

        Located parent() {
            return new Located(root, names.subList(0, names.size() - 1));
        }
    }
}
