package dev.kiln.cli.fsck;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What lies where in a folder of {@code kiln up}, {@code kiln worker} or {@code kiln api}.
 *
 * @param executor the folder with snapshots, index and caches; may lack them
 */
record DataFolder(Path root, Path executor) {

    static DataFolder of(Path root) {
        Path beside = root.resolve("executor");
        return new DataFolder(root, Files.isDirectory(beside) ? beside : root);
    }

    Path content() {
        return root.resolve("content");
    }

    Path registry() {
        return root.resolve("registry");
    }

    Path snapshots() {
        return executor.resolve("snapshots");
    }

    Path index() {
        return executor.resolve("index");
    }

    Path caches() {
        return executor.resolve("caches");
    }

    /** Whether there is anything of Kiln's in it. */
    boolean isOne() {
        return Files.isDirectory(content()) || Files.isDirectory(snapshots()) || Files.isDirectory(registry());
    }

    /** The folders that one executor has to itself, each with its lock. */
    List<Path> owned() {
        return List.of(snapshots(), caches(), executor.resolve("containers"));
    }

    /** The folders in which everybody who has a store open keeps a lock. */
    List<Path> shared() {
        return List.of(content().resolve("ingest"), index().resolve("tmp"), registry().resolve("writing"));
    }
}
