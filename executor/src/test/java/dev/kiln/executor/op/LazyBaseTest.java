package dev.kiln.executor.op;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.Solver;
import dev.kiln.executor.solver.StepHistory;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CaffeineCacheIndex;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;

/** What is not looked into is neither pulled nor unpacked: a base image that only the registry has. */
class LazyBaseTest {
    @TempDir
    Path temp;
    private Workshop workshop;
    private CaffeineCacheIndex index;
    private Solver solver;
    private final GraphBuilder graph = new GraphBuilder();
    private CachedLayer base;
    private Vertex image;
    private Vertex context;

    @BeforeEach
    void make() throws Exception {
        workshop = new Workshop(temp.resolve("snapshots"));
        index = CaffeineCacheIndex.open(temp.resolve("index"));
        solver = new Solver(index, workshop.kept(), StepHistory.NONE, 2, InstantSource.system(),
                Files.createDirectories(temp.resolve("spool")));
        base = workshop.remoteLayer("base");
        ImageReference reference = ImageReference.parse("base").withDigest(Digest.sha256(new byte[0]));
        workshop.images.put(reference, List.of(base));
        image = graph.source("FROM base", new OpSpec.Image(reference, List.of(base.diffId())));
        Digest archive = Digest.sha256("archive".getBytes(StandardCharsets.UTF_8));
        workshop.contexts.put(archive, new Tree(temp.resolve("context")).file("a", "1").root());
        context = graph.source("context", new OpSpec.Context(archive, 1));
    }

    @AfterEach
    void end() throws Exception {
        solver.close();
        index.close();
        workshop.close();
    }

    private Result solve(Vertex target) throws Exception {
        var solution = solver.solve(graph.build(target, ImageConfig.empty(Platform.host())), workshop.ops(),
                new QuietListener());
        solution.recorded().join();
        return solution.result();
    }

    private Vertex linkedCopy(Vertex onto) {
        Vertex made = graph.add("COPY --link a /b", new OpSpec.Copy(List.of(CopyItem.Paths.of(1, "a")), "/b",
                Optional.empty(), Optional.empty(), List.of(), true, false),
                List.of(graph.source("scratch", new OpSpec.Scratch()), context), false);
        return graph.add("LINK", new OpSpec.Merge(), List.of(onto, made), false);
    }

    private List<Digest> diffIds(Result result) {
        return result.layers().stream().map(layer -> layer.packed().join().diffId()).toList();
    }

    @Test
    void settingsAlone_needOnlyTheManifest() throws Exception {
        assertThat(diffIds(solve(image))).containsExactly(base.diffId());
        assertThat(workshop.pulled).isEmpty();
        assertThat(workshop.snapshots.unpacked).isEmpty();
    }

    @Test
    void linkedCopy_goesOnTopUnseen_alsoWhenItIsCached() throws Exception {
        Vertex target = linkedCopy(image);
        List<Digest> made = diffIds(solve(target));
        assertThat(made).hasSize(2).startsWith(base.diffId());
        assertThat(diffIds(solve(target))).isEqualTo(made);
        assertThat(workshop.pulled).isEmpty();
        assertThat(workshop.snapshots.unpacked).isEmpty();
    }

    @Test
    void copyFromABase_pullsThatOneAlone() throws Exception {
        CachedLayer other = workshop.remoteLayer("other");
        ImageReference reference = ImageReference.parse("other").withDigest(Digest.sha256(new byte[]{1}));
        workshop.images.put(reference, List.of(other));
        Vertex from = graph.source("FROM other", new OpSpec.Image(reference, List.of(other.diffId())));
        Vertex made = graph.add("COPY --link --from=other unpacked /b", new OpSpec.Copy(
                List.of(CopyItem.Paths.of(1, "unpacked")), "/b", Optional.empty(), Optional.empty(), List.of(), true,
                false), List.of(graph.source("scratch", new OpSpec.Scratch()), from), false);
        solve(graph.add("LINK", new OpSpec.Merge(), List.of(image, made), false));
        assertThat(workshop.pulled).containsExactly(other.blob().digest());
    }

    @Test
    void cachedSteps_overABaseThatIsGoneFromDisk_pullNothing() throws Exception {
        Vertex run = graph.add("RUN x", new OpSpec.Run(List.of("x"), List.of(), "/", "", OpSpec.Network.NONE),
                List.of(image), false);
        List<Digest> made = diffIds(solve(run));
        assertThat(workshop.pulled).hasSize(1);
        workshop.blobs.remove(base.blob().digest());
        assertThat(diffIds(solve(run))).isEqualTo(made);
        assertThat(workshop.pulled).hasSize(1);
    }
}
