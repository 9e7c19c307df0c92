package dev.kiln.executor.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.cacheartifact.CacheExporter;
import dev.kiln.executor.cacheartifact.TreePacking;
import dev.kiln.executor.cachemount.CacheMounts;
import dev.kiln.executor.exporter.LayerFiles;
import dev.kiln.executor.exporter.LayerForms;
import dev.kiln.executor.farmcache.FarmCache;
import dev.kiln.executor.history.DiskStepHistory;
import dev.kiln.executor.history.FileLists;
import dev.kiln.executor.meter.ExecutorMeters;
import dev.kiln.executor.op.FileThreads;
import dev.kiln.executor.op.KeptLayers;
import dev.kiln.executor.op.LayerPacking;
import dev.kiln.executor.op.LayerStacks;
import dev.kiln.executor.op.NewLayers;
import dev.kiln.executor.op.StepTools;
import dev.kiln.executor.remote.RemoteSources;
import dev.kiln.executor.runtime.Networks;
import dev.kiln.executor.runtime.OciRuntime;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeProbe;
import dev.kiln.executor.snapshot.LayerStock;
import dev.kiln.executor.snapshot.LayerUnpacker;
import dev.kiln.executor.snapshot.OverlaySnapshotter;
import dev.kiln.executor.solver.FarmResults;
import dev.kiln.executor.solver.Solver;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.executor.source.ContextFetcher;
import dev.kiln.executor.source.FarmBlobs;
import dev.kiln.executor.source.RegistryBaseLayers;
import dev.kiln.executor.ssh.SshAgents;
import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.index.CaffeineCacheIndex;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerExtractor;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.lease.BlobStock;
import dev.kiln.layercache.lease.Collector;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Keeper;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.lease.Remainder;
import dev.kiln.layercache.lease.Stock;
import dev.kiln.layercache.lease.Volume;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.Credentials;
import dev.kiln.layercache.registry.Keychain;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryMeter;
import dev.kiln.layercache.registry.RegistrySettings;
import dev.kiln.layercache.registry.Repository;
import dev.kiln.layercache.registry.RetryPolicy;
import dev.kiln.metrics.CountedEventLog;
import dev.kiln.metrics.DiskMeters;
import dev.kiln.metrics.RegistryMeters;
import dev.kiln.queue.Cancellations;
import dev.kiln.queue.EventLog;
import dev.kiln.queue.JobQueue;
import dev.kiln.queue.Upkeep;
import dev.kiln.queue.job.NetworkMode;

/**
 * All parts of an executor, wired: what {@link WorkerMain} runs alone and a development server runs beside the API. What it
 * is given stays open when it is closed.
 */
public final class LocalExecutor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalExecutor.class);
    private static final String ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";
    /** Between two runs of the collector that nobody waits for. */
    private static final Duration REST = Duration.ofSeconds(10);
    private static final int IDLE_CONTEXTS = 16;
    private static final long IDLE_CONTEXT_BYTES = 4L << 30;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private List<String> findings = List.of();

    /** What an executor shares with the rest of the farm. */
    public record Queues(JobQueue jobs, EventLog events, Cancellations cancellations, Upkeep upkeep) {}

    /**
     * Where an executor keeps what it makes.
     *
     * @param leases which hear of every use of a blob of {@code content}
     * @param holders who else needs blobs
     */
    public record Storage(DiskContentStore content, Leases leases, BlobStock.Holders holders) {

        /** Takes the store at {@code root}, of which nobody else needs anything. */
        public static Storage open(Path root, InstantSource clock) throws IOException {
            Leases leases = new Leases(clock);
            return new Storage(DiskContentStore.open(root, blob -> leases.use(Item.blob(blob))), leases,
                    BlobStock.Holders.NOBODY);
        }
    }

    private LocalExecutor() {}

    private Worker assemble(WorkerConfig config, Queues queues, Storage storage, InstantSource clock,
            MeterRegistry registry) throws IOException, InterruptedException {
        ExecutorMeters meters = ExecutorMeters.in(registry);
        DiskContentStore content = storage.content();
        Leases leases = storage.leases();
        Supplier<String> ids = ids();
        RuntimeProbe.Found runtime = RuntimeProbe.find(folder(config, "containers"), config.steps().runtimes(),
                Networks.Settings.DEFAULT);
        OciRuntime containers = own(runtime.runtime());
        findings = runtime.findings();
        findings.forEach(finding -> LOG.info("worker={} {}", config.name(), finding));
        OverlaySnapshotter snapshots = own(OverlaySnapshotter.open(folder(config, "snapshots"), unpacker(), ids,
                name -> leases.use(Item.layer(name))));
        CaffeineCacheIndex index = own(CaffeineCacheIndex.open(folder(config, "index")));
        RegistryClient registries = own(registries(config, clock, new RegistryMeters(registry)));
        Optional<FarmBlobs> shared = config.registries().shareBases()
                ? Optional.of(own(new FarmBlobs(registries, content)))
                : Optional.empty();
        RegistryBaseLayers bases = new RegistryBaseLayers(registries, content, shared);
        FarmResults results = config.registries().shareSteps()
                ? own(new FarmCache(registries, content, bases::origins, bases::learnPromised, clock))
                : FarmResults.NONE;
        Repository uploads = registries.repository(ImageReference.parse(FarmRepositories.CONTEXTS));
        ContextFetcher contexts = own(
                new ContextFetcher(content, uploads, Owners.KEEP,
                        folder(config, "contexts"), IDLE_CONTEXTS, IDLE_CONTEXT_BYTES));
        RemoteSources remotes = own(RemoteSources.open(folder(config, "remote"), config.remotes(), content, clock));
        LayerPacker packer = own(new LayerPacker(content, Runtime.getRuntime().availableProcessors()));
        LayerPacking packing = directory -> packer.pack(directory, Compression.GZIP);
        FileThreads threads = own(new FileThreads());
        LayerStacks stacks = new LayerStacks(snapshots, content, bases, threads);
        CacheMounts caches = own(CacheMounts.open(config.data().resolve("caches"), ids, clock));
        CacheExporter mounts = new CacheExporter(caches, packingTrees(packer, threads), content, registries, clock);
        StepTools.Keepers keepers = new StepTools.Keepers(caches,
                SshAgents.open(config.data().resolve("ssh"), ids),
                own(FileLists.open(config.data().resolve("history/files"), clock)));
        StepTools tools = new StepTools(snapshots, stacks, new NewLayers(snapshots, stacks, packing, threads, clock),
                containers, new StepTools.Sources(bases, contexts, content), keepers, threads, ids);
        DiskStepHistory history = own(
                DiskStepHistory.open(config.data().resolve("history/steps"), keepers.fileLists(), clock));
        Solver solver = own(
                new Solver(index, results, new KeptLayers(snapshots, content, bases, packing, leases), history,
                        config.capacity().steps(), clock, folder(config, "output"), meters.vertices()));
        ProcessSpec.Network network = network(config.steps().network(), containers.networks());
        SecretOpener secrets = new SecretOpener(content, uploads, config.farm().secretKey());
        Pipelines pipelines = new Pipelines(
                new Pipelines.Parts(contexts, secrets, bases, solver, tools, content, remotes, mounts,
                        new LayerForms(packer, bases, files(snapshots), content, index, clock)),
                new LocalPipeline.Defaults(network, config.steps().limits(), new Entitlements(
                        config.steps().entitlements(), network == ProcessSpec.Network.HOST)));
        BuildPipeline pipeline = new LoggedInPipeline(pipelines, registries, secrets);
        Keeper keeper = own(keeper(config, storage, snapshots.stock(), index, List.of(caches.stock(),
                contexts.stock(), remotes.stock()), clock, registry));
        keeper.start();
        Keeping keeping = config.capacity().keeping();
        DiskGate gate = own(new DiskGate(keeper, keeping.floor(), keeping.patience(), DiskGate.Pace.STANDARD));
        gate.start();
        meters.builds().gate(keeping.floor(), gate::waiting);
        UpkeepDesk _ = own(UpkeepDesk.open(queues.upkeep(), config.name(), new UpkeepDesk.Offer(
                config.capacity().slots(), containers.platforms()), keeper, clock));
        return own(new Worker(queues.jobs(), queues.cancellations(),
                new Attempt.Surroundings(new CountedEventLog(queues.events(), registry), pipeline, content, clock,
                        config.name(), new Attempt.Upkeep(leases, keeper, gate), meters),
                ids,
                new Worker.Pace(config.capacity().slots(), Worker.BACK_OFF)));
    }

    /**
     * Takes the data folder, cleans it of what a crash left, finds a runtime, and begins to take builds.
     *
     * @throws IOException saying what is missing, when this host cannot run steps
     */
    public static LocalExecutor start(WorkerConfig config, Queues queues, Storage storage, InstantSource clock,
            MeterRegistry registry) throws IOException, InterruptedException {
        LocalExecutor executor = new LocalExecutor();
        try {
            executor.assemble(config, queues, storage, clock, registry).start();
        } catch (IOException | InterruptedException | RuntimeException e) {
            executor.closeAfter(e);
            throw e;
        }
        LOG.info("worker={} taking builds slots={} steps={}", config.name(), config.capacity().slots(),
                config.capacity().steps());
        return executor;
    }

    /** Closes what was opened, without losing the reason of the failure. */
    private void closeAfter(Exception reason) {
        try {
            close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** What there is to say of runtimes and networks on this host. */
    public List<String> findings() {
        return findings;
    }

    private <T extends AutoCloseable> T own(T part) {
        opened.push(part);
        return part;
    }

    private static Keeper keeper(WorkerConfig config, Storage storage, LayerStock layers, CaffeineCacheIndex index,
            List<Stock> more, InstantSource clock, MeterRegistry registry) throws IOException {
        IndexStock entries = new IndexStock(index, layers, storage.content());
        List<Stock> stocks = new ArrayList<>(more);
        stocks.add(layers);
        stocks.add(new BlobStock(storage.content(), storage.holders()));
        stocks.add(entries);
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(config.data());
        if (!storage.content().folder().startsWith(config.data())) {
            folders.add(storage.content().folder());
        }
        stocks.add(new Remainder(List.copyOf(folders), List.copyOf(stocks)));
        Volume volume = Volume.of(config.data());
        return new Keeper(new Collector(stocks, storage.leases(), volume, entries, clock,
                new DiskMeters(registry, "executor", volume)),
                config.capacity().keeping().on(volume.total()), REST);
    }

    private static Path folder(WorkerConfig config, String name) throws IOException {
        return Files.createDirectories(config.data().resolve(name));
    }

    private static LayerUnpacker unpacker() {
        return LayerUnpacker.by(new LayerExtractor(ExtractLimits.LAYER, Owners.KEEP));
    }

    private static TreePacking packingTrees(LayerPacker packer, FileThreads threads) {
        return directory -> {
            try {
                return threads.run(() -> packer.packTree(directory, Compression.ZSTD));
            } catch (StepFailed e) {
                throw new IllegalStateException("packing is no step", e);
            }
        };
    }

    /** Directories of layers that steps made; those of base images may be other tars than the layer was. */
    private static LayerFiles files(OverlaySnapshotter snapshots) {
        return layer -> layer.snapshot()
            .filter(name -> layer.created().isPresent() && snapshots.exists(name))
            .map(snapshots::directory);
    }

    private static RegistryClient registries(WorkerConfig config, InstantSource clock, RegistryMeter meter)
            throws IOException {
        Keychain docker = config.registries().dockerConfig().isPresent()
                ? Keychain.ofDockerConfig(config.registries().dockerConfig().get())
                : Keychain.anonymous();
        String farm = config.farm().address().getAuthority();
        Keychain keychain = docker.after(host -> host.equals(farm)
                ? config.farm().token().map(token -> new Credentials("kiln", token))
                : Optional.empty());
        RegistrySettings settings = new RegistrySettings(config.farm().address(), config.registries().plainHttp(),
                config.registries().hosts());
        return new RegistryClient(settings, keychain, RetryPolicy.standard(), clock, meter);
    }

    private static ProcessSpec.Network network(Optional<NetworkMode> wanted, Networks networks) throws IOException {
        ProcessSpec.Network network = wanted.map(mode -> switch (mode) {
            case NONE -> ProcessSpec.Network.NONE;
            case HOST -> ProcessSpec.Network.HOST;
            case PRIVATE -> ProcessSpec.Network.PRIVATE;
        })
            .orElseGet(() -> networks.available().contains(ProcessSpec.Network.PRIVATE)
                    ? ProcessSpec.Network.PRIVATE
                    : ProcessSpec.Network.HOST);
        if (!networks.available().contains(network)) {
            throw new IOException("the network " + network + " is configured and cannot be had: "
                    + networks.explanation());
        }
        if (network == ProcessSpec.Network.HOST) {
            LOG.warn("steps share the network of this host: {}", networks.explanation());
        }
        return network;
    }

    /** Names that never come twice: 80 random bits. */
    private static Supplier<String> ids() {
        SecureRandom random = new SecureRandom();
        return () -> {
            char[] id = new char[16];
            for (int i = 0; i < id.length; i++) {
                id[i] = ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length()));
            }
            return new String(id);
        };
    }

    /** Hands running builds back, waits until nothing runs, and closes all parts in the reverse order of their opening. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("closing {} failed", part.getClass().getSimpleName(), e);
                first = first == null ? new IOException("closing the executor failed", e) : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
