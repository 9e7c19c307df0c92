package dev.kiln.executor.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

import dev.kiln.executor.exchange.BuildCaches;
import dev.kiln.executor.exchange.CacheExchange;
import dev.kiln.executor.exporter.BuiltImage;
import dev.kiln.executor.exporter.BuiltImages;
import dev.kiln.executor.exporter.ExportException;
import dev.kiln.executor.exporter.Exporter;
import dev.kiln.executor.exporter.ImageAssembler;
import dev.kiln.executor.frontend.BaseImages;
import dev.kiln.executor.frontend.DockerfileFrontend;
import dev.kiln.executor.frontend.FrontendOptions.Entitlement;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.op.Ops;
import dev.kiln.executor.op.RemoteFiles;
import dev.kiln.executor.op.RunSettings;
import dev.kiln.executor.op.StepSecrets;
import dev.kiln.executor.op.StepTools;
import dev.kiln.executor.remote.RemoteAuth;
import dev.kiln.executor.remote.RemoteSources;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.solver.OpResolver;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.Solution;
import dev.kiln.executor.solver.SolveFailed;
import dev.kiln.executor.solver.Solver;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.executor.source.ContextFetcher;
import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.registry.RegistryClient;
import dev.kiln.layercache.registry.RegistryException;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.Notice;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ExtraHost;
import dev.kiln.queue.job.Job;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.job.ReservedNames;
import dev.kiln.queue.job.StepLimits;

/** Builds on this machine: context, frontend, solver, exporter, one after the other. */
final class LocalPipeline implements BuildPipeline {

    /** What a build goes through. */
    record Stations(ContextFetcher contexts, SecretOpener secrets, BaseImages images, Solver solver, StepTools tools,
            ImageAssembler assembler, Exporter exporter, CacheExchange caches) {}

    /** What a request that does not say gets. */
    record Defaults(ProcessSpec.Network network, ProcessSpec.Limits limits, Entitlements entitlements) {}

    private final Stations stations;
    private final Defaults defaults;
    private final RegistryClient registries;
    private final BlobReader content;
    private final RemoteSources sources;
    private final MountCaches mountCaches;

    LocalPipeline(Stations stations, Defaults defaults, RegistryClient registries, BlobReader content,
            RemoteSources sources, MountCaches mountCaches) {
        this.stations = stations;
        this.defaults = defaults;
        this.registries = registries;
        this.content = content;
        this.sources = sources;
        this.mountCaches = mountCaches;
    }

    @Override
    public Built build(Job job, AttemptReporter reporter) throws BuildFailed, InterruptedException {
        BuildRequest request = job.request();
        checkNames(request);
        Set<Entitlement> allowed = defaults.entitlements()
            .of(request.steps(), network(request.steps().network()) == ProcessSpec.Network.HOST);
        StepSecrets secrets = stations.secrets().open(job);
        BuildAgent agent = new BuildAgent(stations.tools().keepers().agents(), secrets);
        BuildRemotes remotes = new BuildRemotes(sources, content, new RemoteAuth(secrets::secret, agent));
        DockerfileFrontend frontend = new DockerfileFrontend(stations.images(), remotes);
        Preparation preparation = new Preparation(request, stations.contexts(), stations.tools(), frontend,
                progress(request, secrets, remotes, reporter), agent);
        Optional<BuildCaches> opened = Optional.empty();
        try {
            BuildGraph graph = preparation.graph(allowed);
            BuildOutputs.check(request, graph);
            reporter.graph(graph);
            BuildCaches caches = stations.caches().open(request.options().cache(), graph, reporter);
            opened = Optional.of(caches);
            OpResolver ops = caches.over(ops(request, secrets, graph, remotes, reporter));
            BuiltImages built = complete(graph, solve(graph, ops, reporter));
            boolean inline = request.options().inlineCache();
            if (caches.exports(inline)) {
                caches.collect(stations.solver().known(graph, ops));
            }
            if (inline) {
                built = withCaches(built, caches);
            }
            MountCaches.Uploaded mounts = mountCaches.upload(request, graph, reporter);
            BuildOutputs outputs = new BuildOutputs(stations.assembler(), stations.exporter());
            outputs.prepare(request, built, reporter);
            uploadCaches(caches, built);
            return new LocalImage(preparation, caches, outputs, mounts);
        } catch (BuildFailed | InterruptedException | RuntimeException e) {
            opened.ifPresent(BuildCaches::close);
            preparation.close();
            throw e;
        }
    }

    private void checkNames(BuildRequest request) throws BuildFailed {
        Optional<String> problem = ReservedNames.problem(request, this::isFarm);
        if (problem.isPresent()) {
            throw new BuildFailed(BuildEvent.Reason.INVALID, problem.get(), null);
        }
    }

    private boolean isFarm(String host) {
        ImageReference there = new ImageReference(Optional.of(host), FarmRepositories.STEPS, Optional.empty(),
                Optional.empty());
        return registries.repository(there).registry().equalsIgnoreCase(ownRegistry());
    }

    private String ownRegistry() {
        return registries.repository(ImageReference.parse(FarmRepositories.STEPS)).registry();
    }

    private Preparation.Progress progress(BuildRequest request, StepSecrets secrets, RemoteFiles remotes,
            AttemptReporter reporter) {
        return new Preparation.Progress() {
            @Override
            public Result solve(BuildGraph graph) throws BuildFailed, InterruptedException {
                reporter.graph(graph);
                return LocalPipeline.this.solve(graph, ops(request, secrets, graph, remotes, reporter), reporter)
                    .result();
            }

            @Override
            public void notice(Notice notice) {
                reporter.notice(notice);
            }
        };
    }

    /** What an image that is not pushed is called in the farm's registry. */
    private static ImageReference ownName(BuildId build) {
        return new ImageReference(Optional.empty(), FarmRepositories.BUILDS + "/" + build, Optional.of("latest"),
                Optional.empty());
    }

    private Ops ops(BuildRequest request, StepSecrets secrets, BuildGraph graph, RemoteFiles remotes,
            AttemptReporter reporter) {
        RunSettings settings = new RunSettings(network(request.steps().network()), limits(request.steps().limits()),
                graph.proxyEnv(), addresses(request.steps().hosts()), secrets,
                mountCaches.beginnings(request, reporter), request.queueing().deadlines().step());
        return new Ops(stations.tools(), settings, remotes);
    }

    private Solution solve(BuildGraph graph, OpResolver ops, AttemptReporter reporter)
            throws BuildFailed, InterruptedException {
        try {
            Solution solution = stations.solver().solve(graph, ops, reporter);
            solution.recorded().get();
            return solution;
        } catch (SolveFailed e) {
            throw failure(e, reporter);
        } catch (ExecutionException e) {
            throw new IllegalStateException("recording never fails", e);
        }
    }

    private static Map<String, List<String>> addresses(List<ExtraHost> hosts) {
        return hosts.stream()
            .collect(Collectors.groupingBy(ExtraHost::name, Collectors.mapping(ExtraHost::address,
                    Collectors.toList())));
    }

    private static BuildFailed failure(SolveFailed e, AttemptReporter reporter) {
        Digest vertex = e.vertex().digest();
        String message = e.vertex().name() + ": " + text(e);
        return switch (e.getCause()) {
            case StepFailed step -> new BuildFailed(
                    step.isLate() ? BuildEvent.Reason.TIMEOUT : BuildEvent.Reason.STEP_FAILED, withTail(message,
                            reporter.tail(vertex)),
                    Optional.of(vertex), step.exitCode(), e);
            case RegistryException _ when e.vertex().op() instanceof OpSpec.Image -> new BuildFailed(
                    BuildEvent.Reason.BASE_IMAGE, message, Optional.of(vertex), Optional.empty(), e);
            case null, default -> new BuildFailed(BuildEvent.Reason.INTERNAL, message, Optional.of(vertex),
                    Optional.empty(), e);
        };
    }

    /** The message and the last lines that the step printed. */
    private static String withTail(String message, List<String> tail) {
        StringBuilder text = new StringBuilder(message);
        tail.forEach(line -> text.append("\n | ").append(line));
        return text.toString();
    }

    private BuiltImages complete(BuildGraph graph, Solution solution) throws BuildFailed, InterruptedException {
        List<BuiltImage> images = new ArrayList<>();
        try {
            for (BuildGraph.Target target : graph.targets()) {
                images.add(stations.assembler().complete(target, solution.of(target.vertex())));
            }
            return new BuiltImages(images);
        } catch (ExportException e) {
            throw new BuildFailed(BuildEvent.Reason.INTERNAL, text(e), e);
        }
    }

    /** The images, each with a cache of itself in it. */
    private static BuiltImages withCaches(BuiltImages built, BuildCaches caches) {
        return new BuiltImages(built.images().stream().map(image -> {
            Optional<String> cache = caches.inline(image.image().layers());
            return cache.isPresent() ? image.with(BuildCaches.FIELD, cache.get()) : image;
        }).toList());
    }

    private static void uploadCaches(BuildCaches caches, BuiltImages built) throws BuildFailed, InterruptedException {
        try {
            caches.upload(built.images().stream().map(image -> image.image().layers()).toList());
        } catch (ExportException e) {
            throw new BuildFailed(BuildEvent.Reason.PUSH, text(e), e);
        }
    }

    private ProcessSpec.Network network(Optional<NetworkMode> mode) {
        return mode.map(m -> switch (m) {
            case NONE -> ProcessSpec.Network.NONE;
            case HOST -> ProcessSpec.Network.HOST;
            case PRIVATE -> ProcessSpec.Network.PRIVATE;
        }).orElse(defaults.network());
    }

    private ProcessSpec.Limits limits(StepLimits asked) {
        return new ProcessSpec.Limits(
                asked.memoryBytes().isPresent() ? asked.memoryBytes() : defaults.limits().memoryBytes(),
                asked.cpus().isPresent() ? asked.cpus() : defaults.limits().cpus(),
                asked.pids().isPresent() ? asked.pids() : defaults.limits().pids());
    }

    @Override
    public void keepLog(BuildId build, Descriptor log) throws IOException, InterruptedException {
        boolean _ = registries.repository(ownName(build)).push(log, content);
    }

    private static String text(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static final class LocalImage implements Built {
        private final Preparation preparation;
        private final BuildCaches caches;
        private final BuildOutputs outputs;
        private final MountCaches.Uploaded mounts;

        LocalImage(Preparation preparation, BuildCaches caches, BuildOutputs outputs, MountCaches.Uploaded mounts) {
            this.preparation = preparation;
            this.caches = caches;
            this.outputs = outputs;
            this.mounts = mounts;
        }

        @Override
        public Descriptor image() {
            return outputs.first();
        }

        @Override
        public void publish(AttemptReporter reporter) throws BuildFailed, InterruptedException {
            outputs.publish(reporter);
            mounts.publish();
            try {
                caches.publish();
            } catch (ExportException e) {
                throw new BuildFailed(BuildEvent.Reason.PUSH, text(e), e);
            }
        }

        @Override
        public void close() {
            caches.close();
            preparation.close();
        }
    }
}
