package dev.kiln.executor.op;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import dev.kiln.executor.cachemount.CacheMounts;
import dev.kiln.executor.history.FileLists;
import dev.kiln.executor.runtime.ContainerRuntime;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.solver.CachedLayers;
import dev.kiln.executor.ssh.SshAgents;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.ContentException;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.MediaTypes;

/** All that ops work with, made of memory and directories: what ran, what was pulled and what is in the store are seen. */
final class Workshop implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    static final RunSettings SETTINGS = new RunSettings(ProcessSpec.Network.PRIVATE,
            new ProcessSpec.Limits(OptionalLong.of(1 << 20), OptionalDouble.empty(), OptionalLong.empty()),
            List.of("http_proxy=p"));

    final Map<Digest, String> blobs = new ConcurrentHashMap<>();
    final Map<Digest, String> registry = new ConcurrentHashMap<>();
    final List<Digest> pulled = Collections.synchronizedList(new ArrayList<>());
    final List<ProcessSpec> ran = Collections.synchronizedList(new ArrayList<>());
    final Map<Digest, Path> contexts = new ConcurrentHashMap<>();
    final Map<ImageReference, List<CachedLayer>> images = new ConcurrentHashMap<>();
    final FakeSnapshots snapshots;
    RemoteFiles remote = RemoteFiles.NONE;
    final StepTools.Keepers keepers;
    volatile RunSettings settings = SETTINGS;
    private final FileThreads threads = new FileThreads();
    private final Bases bases = new Bases();

    /** What a process does. */
    interface Behaviour {
        ContainerRuntime.ExitStatus run(ProcessSpec process, ContainerRuntime.OutputSink output)
                throws IOException, InterruptedException;
    }

    volatile Behaviour behaviour = (process, output) -> new ContainerRuntime.ExitStatus(0, false);

    Workshop(Path home) throws IOException {
        snapshots = new FakeSnapshots(home);
        Supplier<String> ids = () -> UUID.randomUUID().toString();
        keepers = new StepTools.Keepers(CacheMounts.open(home.resolve("caches"), ids, InstantSource.fixed(NOW)),
                SshAgents.open(home.resolve("ssh"), ids),
                FileLists.open(home.resolve("files"), InstantSource.fixed(NOW)));
    }

    Ops ops() {
        LayerStacks stacks = new LayerStacks(snapshots, new Blobs(), bases, threads);
        NewLayers layers = new NewLayers(snapshots, stacks, this::pack, threads, InstantSource.fixed(NOW));
        ContextTrees trees = archive -> new ContextTrees.Tree() {
            @Override
            public Path root() {
                return contexts.get(archive);
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
        return new Ops(new StepTools(snapshots, stacks, layers, new Runtime(), new StepTools.Sources(bases, trees,
                new Blobs()), keepers, threads, () -> "id"), settings, remote);
    }

    CachedLayers kept() {
        return new KeptLayers(snapshots, new Blobs(), bases, this::pack, new Leases(InstantSource.fixed(NOW)));
    }

    /** The digest of all that is in the directory; such a blob is in the store afterwards. */
    PackedLayer pack(Path directory) throws IOException {
        Descriptor blob = blob(new Tree(directory).content().toString());
        return new PackedLayer(blob.digest(), blob, blob.size());
    }

    Descriptor blob(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER_GZIP, bytes);
        blobs.put(blob.digest(), text);
        return blob;
    }

    /** A layer that only the registry has. */
    CachedLayer remoteLayer(String text) {
        Descriptor blob = blob(text);
        registry.put(blob.digest(), blobs.remove(blob.digest()));
        return new CachedLayer(blob.digest(), blob, 1, Optional.empty(), Optional.empty());
    }

    @Override
    public void close() {
        threads.close();
        try {
            keepers.caches().close();
            keepers.fileLists().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Runtime implements ContainerRuntime {
        @Override
        public ExitStatus run(ProcessSpec process, OutputSink output) throws IOException, InterruptedException {
            ran.add(process);
            return behaviour.run(process, output);
        }

        @Override
        public void cleanUp() {
            // nothing is left behind
        }

        @Override
        public String description() {
            return "fake";
        }
    }

    private final class Bases implements BaseLayers {
        @Override
        public List<CachedLayer> layersOf(ImageReference reference) {
            return images.get(reference);
        }

        @Override
        public boolean canPull(Descriptor blob) {
            return registry.containsKey(blob.digest());
        }

        @Override
        public void pull(Descriptor blob) throws IOException {
            pulled.add(blob.digest());
            blobs.put(blob.digest(), Optional.ofNullable(registry.get(blob.digest()))
                .orElseThrow(() -> new IOException("no registry has it")));
        }
    }

    private final class Blobs implements BlobReader {
        @Override
        public OptionalLong size(Digest digest) {
            String text = blobs.get(digest);
            return text == null ? OptionalLong.empty() : OptionalLong.of(text.length());
        }

        @Override
        public InputStream open(Digest digest, long offset) throws IOException {
            String text = blobs.get(digest);
            if (text == null) {
                throw new ContentException(ContentException.Code.NOT_FOUND, digest + " is not here");
            }
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
