package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the repositories below a folder: those that list something, say manifests. */
final class RepositoryWalk extends SimpleFileVisitor<Path> {
    private static final Logger LOG = LoggerFactory.getLogger(RepositoryWalk.class);

    private final Path root;
    private final String list;
    private final List<RepositoryName> found = new ArrayList<>();

    private RepositoryWalk(Path root, String list) {
        this.root = root;
        this.list = list;
    }

    /**
     * All of them, sorted.
     *
     * @param list the name of the folder with the list, a file for each digest
     */
    static List<RepositoryName> of(Path root, String list) throws IOException {
        RepositoryWalk walk = new RepositoryWalk(root, list);
        Files.walkFileTree(root, walk);
        walk.found.sort(null);
        return walk.found;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
        if (!folder.getFileName().toString().startsWith("_")) {
            return FileVisitResult.CONTINUE;
        }
        if (folder.endsWith(list) && hasFiles(folder)) {
            name(folder.resolveSibling("")).ifPresent(found::add);
        }
        return FileVisitResult.SKIP_SUBTREE;
    }

    private Optional<RepositoryName> name(Path folder) {
        try {
            return Optional.of(new RepositoryName(root.relativize(folder).toString()));
        } catch (DistributionException e) {
            LOG.warn("folder is no repository, passed over folder={}", folder);
            return Optional.empty();
        }
    }

    private static boolean hasFiles(Path folder) throws IOException {
        for (String algorithm : SmallFiles.names(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve(algorithm))) {
                if (files.iterator().hasNext()) {
                    return true;
                }
            }
        }
        return false;
    }
}
