package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kiln.executor.cachemount.CacheMounts;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.history.DiskStepHistory;
import dev.kiln.executor.history.FileLists;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.runtime.ContainerRuntime;
import dev.kiln.executor.runtime.Networks;
import dev.kiln.executor.runtime.OciRuntime;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeProbe;
import dev.kiln.executor.snapshot.LayerUnpacker;
import dev.kiln.executor.snapshot.OverlaySnapshotter;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.Solution;
import dev.kiln.executor.solver.SolveFailed;
import dev.kiln.executor.solver.SolveListener;
import dev.kiln.executor.solver.Solver;
import dev.kiln.executor.ssh.SshAgents;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.CaffeineCacheIndex;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.ExtractedLayer;
import dev.kiln.layercache.layer.LayerExtractor;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.event.CacheMiss;

/** An executor's parts as they are, wired by hand over one data directory; what runs is counted on the way. */
final class Machine implements AutoCloseable {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> APPLETS = List.of("sh", "cat", "rm", "mkdir", "test", "true", "touch", "sleep",
            "echo", "ls", "grep", "stat", "dd", "ln", "id", "cut", "hostname", "chown");

    final AtomicInteger ran = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    final StringBuffer log = new StringBuffer();
    /** The latest, by the name of the vertex. */
    final Map<String, CacheMiss> misses = new ConcurrentHashMap<>();
    volatile Callable<?> beforeRun = () -> true;

    private final Path data;
    private final DiskContentStore store;
    private final LayerPacker packer;
    private final CaffeineCacheIndex index;
    private final OciRuntime runtime;
    private final OverlaySnapshotter snapshots;
    private final FileThreads threads = new FileThreads();
    private final LayerStacks stacks;
    final CacheMounts caches;
    private final FileLists lists;
    private final DiskStepHistory history;
    private final StepTools tools;
    volatile Map<String, List<String>> hosts = Map.of();
    volatile StepSecrets secrets = StepSecrets.NONE;
    private final Solver solver;
    private final Map<Digest, Path> contexts = new ConcurrentHashMap<>();
    private final Map<ImageReference, List<CachedLayer>> images = new ConcurrentHashMap<>();

    Machine(Path data) throws IOException, InterruptedException {
        this.data = data;
        store = DiskContentStore.open(data.resolve("store"));
        packer = new LayerPacker(store, 2);
        index = CaffeineCacheIndex.open(data.resolve("index"));
        runtime = RuntimeProbe.find(data.resolve("containers"), RuntimeProbe.CANDIDATES, Networks.Settings.DEFAULT)
            .runtime();
        LayerExtractor extractor = new LayerExtractor(ExtractLimits.LAYER, Owners.KEEP);
        snapshots = OverlaySnapshotter.open(data.resolve("snapshots"), (layer, directory) -> {
            ExtractedLayer extracted = extractor.extract(layer, directory, List.of());
            return new LayerUnpacker.Unpacked(extracted.diffId(), extracted.root().isPresent());
        }, () -> UUID.randomUUID().toString());
        LayerPacking packing = directory -> packer.pack(directory, Compression.GZIP);
        BaseLayers bases = new LocalBases();
        stacks = new LayerStacks(snapshots, store, bases, threads);
        NewLayers layers = new NewLayers(snapshots, stacks, packing, threads, InstantSource.system());
        caches = CacheMounts.open(data.resolve("caches"), () -> UUID.randomUUID().toString(), InstantSource.system());
        lists = FileLists.open(data.resolve("history/files"), InstantSource.system());
        history = DiskStepHistory.open(data.resolve("history/steps"), lists, InstantSource.system());
        tools = new StepTools(snapshots, stacks, layers, new Counting(),
                new StepTools.Sources(bases, this::open, store),
                new StepTools.Keepers(caches, SshAgents.open(data.resolve("ssh"), () -> UUID.randomUUID().toString()),
                        lists),
                threads, () -> UUID.randomUUID().toString());
        solver = new Solver(index, new KeptLayers(snapshots, store, bases, packing, new Leases(InstantSource.system())),
                history, 4, InstantSource.system(),
                Files.createDirectories(data.resolve("spool")));
    }

    Result solve(GraphBuilder graph, Vertex target) throws SolveFailed, InterruptedException {
        RunSettings settings = new RunSettings(ProcessSpec.Network.NONE, new ProcessSpec.Limits(OptionalLong.empty(),
                OptionalDouble.empty(), OptionalLong.empty()), List.of(), hosts, secrets, CacheBeginnings.NONE,
                Optional.empty());
        Solution solution = solver.solve(graph.build(target, ImageConfig.empty(Platform.host())),
                new Ops(tools, settings, RemoteFiles.NONE), new Log());
        solution.recorded().join();
        return solution.result();
    }

    /** A static busybox with the names under which steps call it, as an image that so far is only a blob. */
    OpSpec.Image busybox() throws IOException {
        Tree root = new Tree(data.resolve("busybox")).directory("bin")
            .directory("tmp")
            .directory("proc")
            .directory("dev")
            .directory("sys");
        Path binary = root.root().resolve("bin/busybox");
        if (!Files.exists(binary)) {
            Files.copy(BUSYBOX, binary, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            for (String applet : APPLETS) {
                root.link("bin/" + applet, "busybox");
            }
        }
        PackedLayer layer = packer.pack(root.root(), Compression.GZIP);
        ImageReference reference = ImageReference.parse("busybox").withDigest(layer.diffId());
        images.put(reference, List.of(new CachedLayer(layer.diffId(), layer.blob(), layer.tarSize(),
                Optional.empty(), Optional.empty())));
        return new OpSpec.Image(reference, List.of(layer.diffId()));
    }

    /** A context with these files. */
    OpSpec.Context context(Map<String, String> files) throws IOException {
        Digest archive = Digest.sha256(files.toString().getBytes(StandardCharsets.UTF_8));
        Tree tree = new Tree(data.resolve("contexts/" + archive.hex()));
        for (Map.Entry<String, String> file : files.entrySet()) {
            tree.file(file.getKey(), file.getValue());
        }
        contexts.put(archive, tree.root());
        return new OpSpec.Context(archive, 1);
    }

    /** A context that is this directory. */
    OpSpec.Context context(Path directory) {
        Digest archive = Digest.sha256(directory.toString().getBytes(StandardCharsets.UTF_8));
        contexts.put(archive, directory);
        return new OpSpec.Context(archive, 1);
    }

    private ContextTrees.Tree open(Digest archive) {
        opened.incrementAndGet();
        Path root = Optional.ofNullable(contexts.get(archive)).orElseThrow();
        return new ContextTrees.Tree() {
            @Override
            public Path root() {
                return root;
            }

            @Override
            public void close() {
                // it stays
            }
        };
    }

    Mounted view(Result result) throws Exception {
        return snapshots.view(stacks.of(result));
    }

    @Override
    public void close() throws IOException {
        solver.close();
        history.close();
        lists.close();
        threads.close();
        runtime.close();
        caches.close();
        snapshots.close();
        index.close();
        packer.close();
        store.close();
    }

    private final class LocalBases implements BaseLayers {
        @Override
        public List<CachedLayer> layersOf(ImageReference reference) {
            return Optional.ofNullable(images.get(reference)).orElseThrow();
        }

        @Override
        public boolean canPull(Descriptor blob) {
            return false;
        }

        @Override
        public void pull(Descriptor blob) throws IOException {
            throw new IOException("nothing can be pulled here");
        }
    }

    private final class Counting implements ContainerRuntime {
        @Override
        public ExitStatus run(ProcessSpec process, OutputSink output) throws IOException, InterruptedException {
            ran.incrementAndGet();
            try {
                beforeRun.call();
            } catch (Exception e) {
                throw new IOException(e);
            }
            return runtime.run(process, output);
        }

        @Override
        public void cleanUp() throws IOException {
            runtime.cleanUp();
        }

        @Override
        public String description() {
            return runtime.description();
        }
    }

    private final class Log implements SolveListener {
        @Override
        public void started(Vertex vertex) {
            // only the output counts
        }

        @Override
        public void missed(Vertex vertex, CacheMiss miss) {
            misses.put(vertex.name(), miss);
        }

        @Override
        public void cached(Vertex vertex) {
            // only the output counts
        }

        @Override
        public void completed(Vertex vertex, Optional<String> error) {
            // only the output counts
        }

        @Override
        public void warned(Vertex vertex, String rule, String message) {
            log.append(rule).append(": ").append(message).append("\n");
        }

        @Override
        public void log(Vertex vertex, int stream, byte[] bytes, int length) {
            log.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
        }
    }
}
