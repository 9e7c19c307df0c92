package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.FileStat;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/**
 * A directory that stands for {@code /}. Paths are resolved in it as for a process that has it as its root: absolute
 * links start here, and {@code ..} does not lead out. Nobody else changes it while it is used.
 *
 * @param known digests of the data of files that need not be read for it, by their path in the directory; such files have
 *        no extended attributes
 */
record Root(RawPath directory, Map<RawPath, Digest> known) {
    private static final int MAX_LINKS = 255;

    static Root of(Path directory) {
        return of(directory, Map.of());
    }

    static Root of(Path directory, Map<RawPath, Digest> known) {
        return new Root(RawPath.of(directory), known);
    }

    /** The digest of a file's data, where it is known without reading the file. */
    Optional<Digest> known(RawPath host) {
        return known.isEmpty() || !host.latin1().startsWith(directory.latin1())
                ? Optional.empty()
                : Optional.ofNullable(known.get(
                        RawPath.ofLatin1(host.latin1().substring(Math.min(host.length(), directory.length() + 1)))));
    }

    /**
     * Where the path leads on this machine: all links followed, {@code .} and {@code ..} gone. What does not exist is
     * taken as it is written.
     */
    RawPath follow(RawPath path) throws IOException, StepFailed {
        Deque<String> ahead = new ArrayDeque<>(parts(path));
        List<String> behind = new ArrayList<>();
        int links = 0;
        while (!ahead.isEmpty()) {
            String part = ahead.poll();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                if (!behind.isEmpty()) {
                    behind.removeLast();
                }
                continue;
            }
            behind.add(part);
            RawPath here = host(behind);
            if (isLink(here)) {
                if (++links > MAX_LINKS) {
                    throw new StepFailed("\"" + inside(here) + "\": too many symbolic links", Optional.empty());
                }
                behind.removeLast();
                RawPath target = Posix.readlink(here);
                if (target.latin1().startsWith("/")) {
                    behind.clear();
                }
                parts(target).reversed().forEach(ahead::push);
            }
        }
        return host(behind);
    }

    RawPath follow(String path) throws IOException, StepFailed {
        return follow(RawPath.ofUtf8(path));
    }

    /** How a path on this machine that {@link #follow} gave, or one below it, is called inside. */
    String inside(RawPath host) {
        String path = RawPath.ofLatin1(host.latin1().substring(directory.length())).toString();
        return path.isEmpty() ? "/" : path;
    }

    private static boolean isLink(RawPath path) throws IOException {
        return Posix.lstatIfExists(path).map(FileStat::type).filter(type -> type == FileType.SYMLINK).isPresent();
    }

    private static List<String> parts(RawPath path) {
        return Arrays.asList(path.latin1().split("/"));
    }

    private RawPath host(List<String> parts) {
        return parts.isEmpty() ? directory : directory.resolve(RawPath.ofLatin1(String.join("/", parts)));
    }
}
