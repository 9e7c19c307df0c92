package dev.kiln.executor.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.source.ContextException.Code;
import dev.kiln.layercache.posix.FileHandle;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Reads single files of an unpacked context. Links are followed as if the context were a whole file system. */
public final class ContextFiles {
    /** What the language takes as a Dockerfile at most. */
    private static final int LARGEST_DOCKERFILE = 16 << 20;
    private static final String USUAL_NAME = "Dockerfile";
    private static final int MAX_LINKS = 255;

    private final RawPath root;

    public ContextFiles(Path root) {
        this.root = RawPath.of(root);
    }

    /** @param path as the request names it; {@code Dockerfile} may also be spelled {@code dockerfile} in the context */
    public byte[] dockerfile(String path) throws IOException {
        Optional<RawPath> found = find(path);
        if (found.isEmpty() && (path.equals(USUAL_NAME) || path.endsWith("/" + USUAL_NAME))) {
            found = find(path.substring(0, path.length() - USUAL_NAME.length()) + "dockerfile");
        }
        RawPath file = found
            .orElseThrow(() -> new ContextException(Code.NO_DOCKERFILE, "failed to read dockerfile: open "
                    + path + ": no such file in the context; name it with -f, relative to the context"));
        if (Posix.lstat(file).type() != FileType.REGULAR) {
            throw new ContextException(Code.NO_DOCKERFILE, "failed to read dockerfile: " + path + " is not a file");
        }
        return read(file, path);
    }

    private static byte[] read(RawPath file, String path) throws IOException {
        try (FileHandle handle = FileHandle.openForReading(file)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(LARGEST_DOCKERFILE, Posix.lstat(file).size()) + 1);
            int count = 0;
            while (count >= 0 && bytes.hasRemaining()) {
                count = handle.read(bytes);
            }
            if (bytes.position() > LARGEST_DOCKERFILE) {
                throw new ContextException(Code.NO_DOCKERFILE, "failed to read dockerfile: " + path
                        + " has more than " + LARGEST_DOCKERFILE + " bytes, so it cannot be one");
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    /** The file that the path leads to, links followed; empty when there is none. */
    private Optional<RawPath> find(String path) throws IOException {
        Deque<RawPath> ahead = new ArrayDeque<>(names(RawPath.ofUtf8(path)));
        List<RawPath> behind = new ArrayList<>();
        int links = 0;
        while (!ahead.isEmpty()) {
            RawPath name = ahead.pop();
            if (name.latin1().equals("..")) {
                if (!behind.isEmpty()) {
                    behind.removeLast();
                }
                continue;
            }
            behind.add(name);
            Optional<FileStat> stat = Posix.lstatIfExists(at(behind));
            if (stat.isEmpty()) {
                return Optional.empty();
            }
            if (stat.get().type() == FileType.SYMLINK) {
                if (++links > MAX_LINKS) {
                    throw new ContextException(Code.NO_DOCKERFILE,
                            "failed to read dockerfile: " + path + ": too many symbolic links");
                }
                follow(Posix.readlink(at(behind)), ahead, behind);
            }
        }
        return Optional.of(at(behind));
    }

    private static void follow(RawPath target, Deque<RawPath> ahead, List<RawPath> behind) {
        behind.removeLast();
        if (target.latin1().startsWith("/")) {
            behind.clear();
        }
        names(target).reversed().forEach(ahead::push);
    }

    private static List<RawPath> names(RawPath path) {
        return Arrays.stream(path.latin1().split("/"))
            .filter(name -> !name.isEmpty() && !name.equals("."))
            .map(RawPath::ofLatin1)
            .toList();
    }

    private RawPath at(List<RawPath> names) {
        RawPath path = root;
        for (RawPath name : names) {
            path = path.resolve(name);
        }
        return path;
    }
}
