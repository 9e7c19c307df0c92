package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.snapshot.SnapshotFiles.Mark;

/** A step's overlay: mounted from {@link OverlaySnapshotter#begin} until it is committed or closed. */
final class ActiveOverlay implements Snapshotter.Active {
    private final SnapshotFiles files;
    private final Path directory;
    private final Mounted mounted;
    private final RootAttributes given;
    private final Naming naming;
    private boolean ended;

    /**
     * @param directory {@code active/ID}
     * @param given what the root directory looked like at the start
     * @param naming the name to commit under
     */
    ActiveOverlay(SnapshotFiles files, Path directory, Mounted mounted, RootAttributes given, Naming naming) {
        this.files = files;
        this.directory = directory;
        this.mounted = mounted;
        this.given = given;
        this.naming = naming;
    }

    /**
     * A name to come.
     *
     * @param use hears of it before anybody can find it
     */
    record Naming(String name, Consumer<String> use) {}

    @Override
    public Path root() {
        return mounted.target();
    }

    @Override
    public Path written() {
        return directory.resolve("fs");
    }

    @Override
    public String commit() throws IOException {
        if (ended) {
            throw new IllegalStateException("the snapshot " + directory + " has ended");
        }
        mounted.close();
        SnapshotFiles.deleteTree(directory.resolve("work"));
        Files.delete(directory.resolve("root"));
        if (RootAttributes.of(written()).differsIn(given)) {
            SnapshotFiles.mark(directory, Mark.ROOT);
        }
        naming.use.accept(naming.name);
        files.name(directory, naming.name);
        ended = true;
        return naming.name;
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            mounted.close();
            SnapshotFiles.deleteTree(directory);
            ended = true;
        }
    }
}
