package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.mount.LinuxMounter;
import dev.kiln.executor.mount.Mount;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.snapshot.SnapshotException.Code;
import dev.kiln.executor.snapshot.SnapshotFiles.Mark;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.DiskUsage;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

/** Snapshots as the directories of overlayfs; {@link SnapshotFiles} says what lies where. Needs root. */
public final class OverlaySnapshotter implements Snapshotter, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OverlaySnapshotter.class);

    private final SnapshotFiles files;
    private final LinuxMounter mounter;
    private final LayerUnpacker unpacker;
    private final Supplier<String> ids;
    private final KeyedLocks unpacking = new KeyedLocks();
    private final LayerSync sync;
    private final Consumer<String> use;

    private OverlaySnapshotter(SnapshotFiles files, LinuxMounter mounter, LayerUnpacker unpacker,
            Supplier<String> ids, Consumer<String> use) {
        this.files = files;
        this.mounter = mounter;
        this.unpacker = unpacker;
        this.ids = ids;
        this.use = use;
        this.sync = new LayerSync(() -> Posix.syncFilesystem(RawPath.of(files.root())));
    }

    /**
     * Takes a directory for snapshots, and cleans it of what a crash left: mounts, active and half-made snapshots. Let
     * the runtime kill left-over containers before.
     *
     * @param ids gives letters and digits that never come twice, not even after a restart
     * @throws SnapshotException when another process uses the directory
     */
    public static OverlaySnapshotter open(Path directory, LayerUnpacker unpacker, Supplier<String> ids)
            throws IOException {
        return open(directory, unpacker, ids, _ -> {});
    }

    /**
     * As {@link #open(Path, LayerUnpacker, Supplier)}.
     *
     * @param use hears the name of every snapshot that somebody is about to find, to make or to mount
     */
    public static OverlaySnapshotter open(Path directory, LayerUnpacker unpacker, Supplier<String> ids,
            Consumer<String> use) throws IOException {
        SnapshotFiles files = SnapshotFiles.open(directory);
        try {
            int mounts = LinuxMounter.unmountAll(files.root());
            if (mounts > 0) {
                LOG.info("snapshots={} leftover_mounts={}", files.root(), mounts);
            }
            files.clean();
            LinuxMounter mounter = LinuxMounter.probe(files.root());
            LinuxMounter.isolate(files.root());
            return new OverlaySnapshotter(files, mounter, unpacker, ids, use);
        } catch (IOException | RuntimeException e) {
            closeAfter(files, e);
            throw e;
        }
    }

    /** Closes what a failed attempt opened, without losing the reason of the failure. */
    private static void closeAfter(AutoCloseable opened, Exception reason) {
        try {
            opened.close();
        } catch (Exception e) {
            reason.addSuppressed(e);
        }
    }

    @Override
    public boolean exists(String name) {
        if (!files.exists(name)) {
            return false;
        }
        use.accept(name);
        return files.exists(name);
    }

    @Override
    public String unpack(Digest diffId, LayerSource layer) throws IOException {
        String name = Snapshotter.nameOf(diffId);
        if (!exists(name)) {
            try (KeyedLocks.Held _ = unpacking.acquire(name)) {
                if (!exists(name)) {
                    unpackNew(name, diffId, layer);
                }
            }
        }
        return name;
    }

    private void unpackNew(String name, Digest diffId, LayerSource layer) throws IOException {
        Path staging = files.newStaging(ids.get());
        try (InputStream bytes = layer.open()) {
            Path target = staging.resolve("fs");
            LayerUnpacker.Unpacked unpacked = unpacker.unpack(bytes, target);
            if (!unpacked.diffId().equals(diffId)) {
                throw new SnapshotException(Code.WRONG_CONTENT, "unpacking the layer " + diffId
                        + ": what came has the diffID " + unpacked.diffId() + "; the source of the layer is damaged");
            }
            if (unpacked.rootEntry()) {
                SnapshotFiles.mark(staging, Mark.ROOT);
            } else {
                RootAttributes.DEFAULT.applyTo(target);
            }
            use.accept(name);
            files.name(staging, name);
        } catch (IOException | RuntimeException e) {
            closeAfter(() -> SnapshotFiles.deleteTree(staging), e);
            throw e;
        }
    }

    @Override
    public Active begin(List<String> stack) throws IOException {
        List<Path> lower = lower(stack);
        RootAttributes root = rootOf(stack);
        String id = ids.get();
        Path directory = files.newActive(id, "fs", "work", "root");
        try {
            root.applyTo(directory.resolve("fs"));
            Mounted mounted = mounter.mount(
                    new Mount.Overlay(lower, directory.resolve("fs"), directory.resolve("work")),
                    directory.resolve("root"));
            return new ActiveOverlay(files, directory, mounted, root,
                    new ActiveOverlay.Naming("step-" + id, use));
        } catch (IOException | RuntimeException e) {
            closeAfter(() -> SnapshotFiles.deleteTree(directory), e);
            throw e;
        }
    }

    @Override
    public Mounted view(List<String> stack) throws IOException {
        List<Path> lower = lower(stack);
        RootAttributes root = rootOf(stack);
        Path directory = files.newActive(ids.get(), "fs", "root");
        try {
            // On top of the layers lies an empty one: for the look of the root directory, and because a layer alone
            // would show the marks that hide files below it.
            Path top = directory.resolve("fs");
            root.applyTo(top);
            List<Path> layers = new ArrayList<>(lower);
            layers.addFirst(top);
            Mounted mounted = mounter.mount(new Mount.ReadOnlyOverlay(layers), directory.resolve("root"));
            return new View(mounted, directory);
        } catch (IOException | RuntimeException e) {
            closeAfter(() -> SnapshotFiles.deleteTree(directory), e);
            throw e;
        }
    }

    @Override
    public Mounted scratch(Path lower) throws IOException {
        Path directory = files.newActive(ids.get(), "fs", "work", "root");
        try {
            RootAttributes.of(lower).applyTo(directory.resolve("fs"));
            Mounted mounted = mounter.mount(
                    new Mount.Overlay(List.of(lower), directory.resolve("fs"), directory.resolve("work")),
                    directory.resolve("root"));
            return new View(mounted, directory);
        } catch (IOException | RuntimeException e) {
            closeAfter(() -> SnapshotFiles.deleteTree(directory), e);
            throw e;
        }
    }

    /** Topmost first, and at least one. */
    private List<Path> lower(List<String> stack) throws IOException {
        List<Path> lower = new ArrayList<>();
        for (String name : stack.reversed()) {
            use.accept(name);
            lower.add(files.layer(name));
        }
        return lower.isEmpty() ? List.of(files.empty()) : lower;
    }

    private RootAttributes rootOf(List<String> stack) throws IOException {
        for (String name : stack.reversed()) {
            if (files.isMarked(name, Mark.ROOT)) {
                return RootAttributes.of(files.layer(name));
            }
        }
        return RootAttributes.DEFAULT;
    }

    @Override
    public Path directory(String name) {
        use.accept(name);
        return files.snapshot(name).resolve("fs");
    }

    @Override
    public void remove(String name) throws IOException {
        Optional<Path> trash = files.discard(name, ids.get());
        if (trash.isPresent()) {
            SnapshotFiles.deleteTree(trash.get());
        }
    }

    /** The snapshots as what can be collected. */
    public LayerStock stock() {
        return new LayerStock(files, ids);
    }

    @Override
    public void sync(String name) throws IOException {
        if (!files.isMarked(name, Mark.DURABLE)) {
            sync.write(RawPath.of(files.layer(name)));
            files.markDurable(name);
        }
    }

    @Override
    public Optional<Long> usage(String name) throws IOException {
        return files.exists(name)
                ? Optional.of(DiskUsage.of(RawPath.of(files.snapshot(name).resolve("fs"))))
                : Optional.empty();
    }

    /** Gives the directory free. Snapshots stay; active ones must have been closed. */
    @Override
    public void close() throws IOException {
        sync.close();
        try (files) {
            LinuxMounter.unmountAll(files.root());
        }
    }

    /** A view and the directory it is made of. */
    private record View(Mounted mounted, Path directory) implements Mounted {

        @Override
        public Path target() {
            return mounted.target();
        }

        @Override
        public void close() throws IOException {
            mounted.close();
            SnapshotFiles.deleteTree(directory);
        }
    }
}
