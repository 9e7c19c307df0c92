package dev.kiln.executor.op;

import java.util.function.Supplier;

import dev.kiln.executor.cachemount.CacheMounts;
import dev.kiln.executor.history.FileLists;
import dev.kiln.executor.runtime.ContainerRuntime;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.ssh.SshAgents;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Digest;

/**
 * What the ops of an executor work with.
 *
 * @param ids gives each container a fresh name: letters, digits and hyphens
 */
public record StepTools(Snapshotter snapshots, LayerStacks stacks, NewLayers layers, ContainerRuntime runtime,
        Sources sources, Keepers keepers, FileThreads threads, Supplier<String> ids) {

    /**
     * Where files come from that no step made.
     *
     * @param blobs the local store
     */
    public record Sources(BaseLayers bases, ContextTrees contexts, BlobReader blobs) {}

    /**
     * What outlives steps.
     *
     * @param caches and {@code agents}: lent for as long as a step runs
     * @param fileLists which files were behind a content key
     */
    public record Keepers(CacheMounts caches, SshAgents agents, FileLists fileLists) {}

    /** The same tools, which bring in layers of base images in another way. */
    public StepTools with(BaseLayers bases) {
        LayerStacks others = stacks.with(bases);
        return new StepTools(snapshots, others, layers.with(others), runtime,
                new Sources(bases, sources.contexts, sources.blobs), keepers, threads, ids);
    }

    /** The digest; which files it is of is kept. */
    Digest keyOf(ContentHasher content) {
        Digest digest = content.digest();
        keepers.fileLists().keep(digest, content.files());
        return digest;
    }
}
