package dev.kiln.executor.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.kiln.executor.mount.Mounter;
import dev.kiln.layercache.oci.Digest;

/**
 * Keeps unpacked layers and gives steps a writable view of a stack of them.
 *
 * <p>A <em>snapshot</em> is one layer's directory in overlayfs form, never changed once it has a name. It is not tied to
 * what lies below it: a stack is a list of names, base first. An <em>active</em> snapshot is the writable directory of
 * one step; {@link Active#commit} gives it a name without waiting for anything, closing it uncommitted throws it away.
 *
 * <p>Safe for many threads; an {@link Active} belongs to one at a time. After a crash the next start removes all active
 * snapshots, half-made ones and mounts; committed ones stay.
 */
public interface Snapshotter {

    /** True when there is a snapshot of this name. */
    boolean exists(String name);

    /** The name under which the layer with this diffID is kept when it was unpacked from a blob. */
    static String nameOf(Digest diffId) {
        return diffId.algorithm() + "-" + diffId.hex();
    }

    /**
     * Unpacks a layer under {@link #nameOf} its diffID unless it is there. Two threads that want the same layer unpack it
     * once.
     *
     * @param layer opened only when needed; plain, gzip or zstd
     * @throws IOException also when what was unpacked has another diffID; nothing is kept then
     */
    String unpack(Digest diffId, LayerSource layer) throws IOException;

    /** Opens the bytes of a layer. */
    interface LayerSource {
        InputStream open() throws IOException;
    }

    /** Starts a step on top of the stack (base first; may be empty) and mounts its view. */
    Active begin(List<String> stack) throws IOException;

    /** Mounts a stack to be read, or copied from; may be empty. */
    Mounter.Mounted view(List<String> stack) throws IOException;

    /** Mounts a directory to be written over: it stays as it is, and what is written is thrown away with the view. */
    Mounter.Mounted scratch(Path directory) throws IOException;

    /** The directory of a named snapshot, in overlayfs form, to be packed. */
    Path directory(String name);

    void remove(String name) throws IOException;

    /** A step's writable view. */
    interface Active extends AutoCloseable {

        /** Where the view is mounted: the root of the step. */
        Path root();

        /** Unmounts, and keeps what was written under a fresh name. Not durable by itself: see {@link #sync}. */
        String commit() throws IOException;

        /** Where what the step writes is kept until the commit; for those that must tidy up after a runtime. */
        Path written();

        @Override
        void close() throws IOException;
    }

    /** Waits until the named snapshot survives a power cut; needed before an index entry names it. */
    void sync(String name) throws IOException;

    /** Bytes on disk of the snapshot, when it is there. */
    Optional<Long> usage(String name) throws IOException;
}
