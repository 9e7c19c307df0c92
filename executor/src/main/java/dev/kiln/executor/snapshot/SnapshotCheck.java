package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.durable.Findings;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.PosixException;

/** Looks at every snapshot of a folder that nobody uses; those whose layer is known are packed and compared with it. */
public final class SnapshotCheck {
    private final Path root;
    private final Packing packing;
    private final Findings findings;

    /** Packs a layer and says what its diffID is. */
    @FunctionalInterface
    public interface Packing {
        Digest diffId(Path layer) throws IOException;
    }

    private SnapshotCheck(Path root, Packing packing, Findings findings) {
        this.root = root;
        this.packing = packing;
        this.findings = findings;
    }

    /**
     * Returns the names of the snapshots that are whole.
     *
     * @param known what the layers of snapshots that steps made should be, as far as that is known
     */
    public static Set<String> run(Path root, Map<String, Digest> known, Packing packing, Findings findings)
            throws IOException {
        SnapshotCheck check = new SnapshotCheck(root, packing, findings);
        check.unfinished();
        return check.snapshots(known);
    }

    private void unfinished() throws IOException {
        for (String folder : new String[]{"active", "staging", "trash"}) {
            int count = 0;
            if (Files.isDirectory(root.resolve(folder))) {
                try (DirectoryStream<Path> left = Files.newDirectoryStream(root.resolve(folder))) {
                    for (Path _ : left) {
                        count++;
                    }
                }
            }
            if (count > 0) {
                findings.note(root.resolve(folder) + " has " + count
                        + " left by a process that was killed; the next start removes them");
            }
        }
    }

    private Set<String> snapshots(Map<String, Digest> known) throws IOException {
        Set<String> whole = new HashSet<>();
        Path snapshots = root.resolve("snapshots");
        if (!Files.isDirectory(snapshots)) {
            return whole;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(snapshots)) {
            for (Path snapshot : all) {
                String name = snapshot.getFileName().toString();
                Optional<String> problem = problem(snapshot, Optional.ofNullable(known.get(name)));
                if (problem.isPresent()) {
                    findings.damaged(snapshot, problem.get(), () -> SnapshotFiles.deleteTree(snapshot));
                } else {
                    whole.add(name);
                }
            }
        }
        return whole;
    }

    private Optional<String> problem(Path snapshot, Optional<Digest> expected) throws IOException {
        Path layer = snapshot.resolve("fs");
        if (!Files.isDirectory(layer)) {
            return Optional.of("the snapshot has no layer in it");
        }
        if (expected.isEmpty()) {
            return Optional.empty();
        }
        try {
            Digest actual = packing.diffId(layer);
            return actual.equals(expected.get())
                    ? Optional.empty()
                    : Optional.of("the files of the layer " + expected.get() + " are not what they were");
        } catch (LayerException | PosixException e) {
            return Optional.of("the layer cannot be read: " + e.getMessage());
        }
    }
}
