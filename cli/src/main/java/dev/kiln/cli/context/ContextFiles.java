package dev.kiln.cli.context;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.dockerfile.ignore.IgnoreFileException;
import dev.kiln.dockerfile.ignore.IgnorePatterns;

/** Finds the files of a context folder that say what is built and what stays behind. */
public final class ContextFiles {

    private ContextFiles() {}

    /**
     * The file that was named, or {@code Dockerfile}, or in lower case when only that is there.
     *
     * @throws ContextException when there is no such file
     */
    public static Path dockerfile(Path folder, Optional<String> file) throws ContextException {
        Path path = file.map(Path::of).orElse(folder.resolve("Dockerfile"));
        if (file.isEmpty() && !Files.exists(path) && Files.exists(folder.resolve("dockerfile"))) {
            return folder.resolve("dockerfile");
        }
        if (!Files.isRegularFile(path)) {
            throw new ContextException("failed to read the Dockerfile: open " + path
                    + ": no such file or directory (name another with -f)");
        }
        return path;
    }

    /**
     * What stays out of the context: the ignore file beside the Dockerfile wins over the one of the context.
     *
     * @throws ContextException when it is malformed
     */
    public static IgnorePatterns ignored(Path folder, Path dockerfile) throws ContextException, IOException {
        Path file = ignoreFile(folder, dockerfile);
        if (!Files.isRegularFile(file)) {
            return IgnorePatterns.NONE;
        }
        try {
            return IgnorePatterns.parse(Files.readAllBytes(file));
        } catch (IgnoreFileException e) {
            throw new ContextException(file + ":" + e.line() + ": " + e.getMessage());
        }
    }

    /** The ignore file that counts; it need not be there. */
    static Path ignoreFile(Path folder, Path dockerfile) {
        Path own = dockerfile.resolveSibling(dockerfile.getFileName() + ".dockerignore");
        return Files.isRegularFile(own) ? own : folder.resolve(".dockerignore");
    }
}
