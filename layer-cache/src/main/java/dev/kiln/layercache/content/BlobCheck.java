package dev.kiln.layercache.content;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.oci.Digest;

/** Reads every blob of a content store that nobody uses, and compares it with its name. */
public final class BlobCheck {
    private final Path blobs;
    private final Findings findings;
    private final Set<Digest> whole = new HashSet<>();

    private BlobCheck(Path root, Findings findings) {
        this.blobs = root.resolve("blobs");
        this.findings = findings;
    }

    /** Returns the blobs that are whole. */
    public static Set<Digest> run(Path root, Findings findings) throws IOException {
        BlobCheck check = new BlobCheck(root, findings);
        if (Files.isDirectory(check.blobs)) {
            check.algorithms();
        }
        return check.whole;
    }

    private void algorithms() throws IOException {
        try (DirectoryStream<Path> algorithms = Files.newDirectoryStream(blobs)) {
            for (Path algorithm : algorithms) {
                if (!Files.isDirectory(algorithm)) {
                    stranger(algorithm);
                    continue;
                }
                try (DirectoryStream<Path> prefixes = Files.newDirectoryStream(algorithm)) {
                    for (Path prefix : prefixes) {
                        prefix(algorithm.getFileName().toString(), prefix);
                    }
                }
            }
        }
    }

    private void prefix(String algorithm, Path prefix) throws IOException {
        if (!Files.isDirectory(prefix)) {
            stranger(prefix);
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(prefix)) {
            for (Path file : files) {
                Optional<Digest> digest = digest(algorithm, prefix, file);
                if (digest.isEmpty()) {
                    stranger(file);
                } else if (DiskContentStore.hash(file, digest.get()).equals(digest.get())) {
                    whole.add(digest.get());
                } else {
                    findings.damaged(file, "the blob does not have its digest", () -> Files.deleteIfExists(file));
                }
            }
        }
    }

    private static Optional<Digest> digest(String algorithm, Path prefix, Path file) {
        String hex = file.getFileName().toString();
        try {
            Digest digest = new Digest(algorithm, hex);
            return Files.isRegularFile(file) && hex.startsWith(prefix.getFileName().toString())
                    ? Optional.of(digest)
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void stranger(Path file) {
        findings.note(file + " is no blob, and nobody reads it");
    }
}
