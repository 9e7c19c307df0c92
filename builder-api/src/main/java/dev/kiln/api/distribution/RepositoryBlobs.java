package dev.kiln.api.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

import dev.kiln.layercache.oci.Digest;

/**
 * What a repository says of blobs beside its manifests, as empty files: that one was deleted here ({@code _deleted}), and that
 * one was pushed here by somebody who does not see all blobs ({@code _blobs}). Safe for many threads.
 */
final class RepositoryBlobs {
    static final String DELETED = "_deleted";
    static final String PUSHED = "_blobs";

    private final Path repositories;
    private final SmallFiles files;

    RepositoryBlobs(Path repositories, SmallFiles files) {
        this.repositories = repositories;
        this.files = files;
    }

    /** Notes that a blob is no longer in this repository; the bytes stay, others may have them. */
    void hide(RepositoryName name, Digest blob) throws IOException {
        files.write(file(name, DELETED, blob), "");
        Files.deleteIfExists(file(name, PUSHED, blob));
    }

    /** Notes that a blob is in this repository again. */
    void show(RepositoryName name, Digest blob) throws IOException {
        if (isHidden(name, blob)) {
            boolean _ = SmallFiles.delete(file(name, DELETED, blob));
        }
    }

    boolean isHidden(RepositoryName name, Digest blob) {
        return Files.exists(file(name, DELETED, blob));
    }

    /** Notes that a blob came to this repository; needed until a manifest of the repository refers to it. */
    void pushed(RepositoryName name, Digest blob) throws IOException {
        files.write(file(name, PUSHED, blob), "");
    }

    boolean isPushed(RepositoryName name, Digest blob) {
        return Files.exists(file(name, PUSHED, blob));
    }

    /** Forgets pushes from before a time. */
    void forgetPushed(RepositoryName name, Instant before) throws IOException {
        Path folder = repositories.resolve(name.value()).resolve(PUSHED);
        for (String algorithm : SmallFiles.names(folder)) {
            for (String hex : SmallFiles.names(folder.resolve(algorithm))) {
                Path file = folder.resolve(algorithm).resolve(hex);
                if (isOlder(file, before)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isOlder(Path file, Instant time) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant().isBefore(time);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    static List<String> folders() {
        return List.of(DELETED, PUSHED);
    }

    private Path file(RepositoryName name, String kind, Digest digest) {
        return repositories.resolve(name.value()).resolve(kind).resolve(digest.algorithm()).resolve(digest.hex());
    }
}
