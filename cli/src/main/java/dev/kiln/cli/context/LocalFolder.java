package dev.kiln.cli.context;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.queue.job.BuildFiles;

/** A folder on this machine and what is left out of it. */
final class LocalFolder {
    private final Path root;
    private final IgnorePatterns ignored;
    private final Optional<String> patterns;

    private LocalFolder(Path root, IgnorePatterns ignored, Optional<String> patterns) {
        this.root = root;
        this.ignored = ignored;
        this.patterns = patterns;
    }

    /**
     * @param dockerfile an ignore file of its name, beside it, wins over the one of the folder
     * @throws ContextException when it is no folder or its ignore file is malformed
     */
    static LocalFolder open(Path folder, Optional<Path> dockerfile) throws ContextException, IOException {
        if (!Files.isDirectory(folder)) {
            throw new ContextException("the context " + folder + " is not a folder");
        }
        Path root = folder.toRealPath();
        Path beside = dockerfile.orElse(root.resolve(BuildFiles.USUAL_DOCKERFILE));
        IgnorePatterns ignored = ContextFiles.ignored(root, beside);
        return new LocalFolder(root, ignored, patterns(ContextFiles.ignoreFile(root, beside)));
    }

    /** What a request can take along; build checks go without the rest. */
    private static Optional<String> patterns(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > 4L * BuildFiles.MAX_IGNORE) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(file)).filter(text -> text.length() <= BuildFiles.MAX_IGNORE);
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    Path root() {
        return root;
    }

    Optional<String> patterns() {
        return patterns;
    }

    FolderFiles files() {
        return new FolderFiles(root, ignored);
    }

    /** The path of a file among {@link #files}, when it is in there as the file that it is. */
    Optional<String> nameOf(Path file) throws IOException {
        Path parent = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(root);
        Path real = parent.toRealPath().resolve(file.getFileName());
        if (!real.startsWith(root) || !real.toRealPath().startsWith(root)) {
            return Optional.empty();
        }
        String name = root.relativize(real).toString();
        String target = root.relativize(real.toRealPath()).toString();
        return ignored.ignores(name) || ignored.ignores(target) ? Optional.empty() : Optional.of(name);
    }
}
