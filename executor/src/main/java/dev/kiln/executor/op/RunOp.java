package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.runtime.ContainerMount;
import dev.kiln.executor.runtime.ContainerRuntime.ExitStatus;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.ProcessSpec.Surroundings;
import dev.kiln.executor.runtime.RuntimeFailure;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;

/** A process over the files of its input. */
final class RunOp implements Op {
    private final OpSpec.Run spec;
    private final StepTools tools;
    private final RunSettings settings;
    private final MountKeys keys;

    RunOp(OpSpec.Run spec, StepTools tools, RunSettings settings) {
        this.spec = spec;
        this.tools = tools;
        this.settings = settings;
        this.keys = new MountKeys(spec.sandbox(), spec.mounts());
    }

    /** Arguments and variables each under a name of their own, so that a miss can be told by what changed. */
    @Override
    public Map<String, String> preimage() {
        Map<String, String> preimage = new LinkedHashMap<>();
        preimage.put("op", "run");
        for (int i = 0; i < spec.args().size(); i++) {
            preimage.put("arg." + i, spec.args().get(i));
        }
        for (int i = 0; i < spec.env().size(); i++) {
            preimage.put("env." + i, spec.env().get(i));
        }
        preimage.put("cwd", spec.cwd());
        preimage.put("user", spec.user());
        keys.addTo(preimage);
        return preimage;
    }

    /** Of the root it is never asked what a step may look at there. */
    @Override
    public boolean hasContentKey(int input) {
        return input > 0 && keys.hasContent(input);
    }

    @Override
    public Optional<Digest> contentKey(int input, Result result) throws IOException, StepFailed, InterruptedException {
        try (InputRoots roots = new InputRoots(tools)) {
            Root files = roots.open(input, result);
            return Optional.of(tools.threads().run(() -> tools.keyOf(keys.content(input, files))));
        }
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        StepEnvironment environment = new StepEnvironment(spec.env());
        try (StepMounts mounts = StepMounts.open(spec.mounts(), inputs, tools, settings, environment,
                ids -> sayWaiting(ids, log))) {
            Result result = tools.layers()
                .over(inputs.getFirst(),
                        view -> run(process(view, mounts.list(), environment.with(settings.proxyEnv())), log));
            mounts.succeeded();
            return result;
        }
    }

    /** As a line of the step's output, for that is where somebody looks who wonders why nothing happens. */
    private static void sayWaiting(List<String> caches, StepLog log) throws IOException {
        byte[] line = ("waiting for cache " + String.join(", ", caches) + ", which another step has\n")
            .getBytes(StandardCharsets.UTF_8);
        log.write(2, line, line.length);
    }

    private void run(ProcessSpec process, StepLog log) throws IOException, StepFailed, InterruptedException {
        ExitStatus exit = masked(process, log);
        if (exit.code() != 0) {
            throw new StepFailed("process " + GoQuote.quote(String.join(" ", spec.args()))
                    + " did not complete successfully: exit code: " + exit.code()
                    + (exit.outOfMemory() ? outOfMemory() : ""), Optional.of(exit.code()));
        }
    }

    /** What the step prints of its secrets does not leave the executor. */
    private ExitStatus masked(ProcessSpec process, StepLog log) throws IOException, StepFailed, InterruptedException {
        SecretMask mask = SecretMask.of(spec.mounts()
            .stream()
            .flatMap(mount -> mount instanceof StepMount.Secret secret
                    ? settings.secrets().secret(secret.id()).stream()
                    : Stream.empty())
            .toList());
        if (mask.isEmpty()) {
            return exit(process, log);
        }
        try (MaskedLog out = new MaskedLog(log, mask)) {
            return exit(process, out);
        }
    }

    private ExitStatus exit(ProcessSpec process, StepLog log) throws IOException, StepFailed, InterruptedException {
        try {
            return TimeLimit.within(settings.longest(), () -> tools.runtime().run(process, log::write));
        } catch (RuntimeFailure e) {
            if (e.code() == RuntimeFailure.Code.STEP) {
                throw new StepFailed(String.valueOf(e.getMessage()), Optional.empty());
            }
            throw e;
        }
    }

    private String outOfMemory() {
        OptionalLong limit = settings.limits().memoryBytes();
        return ": out of memory"
                + (limit.isPresent() ? " (the step's limit is " + limit.getAsLong() + " bytes)" : "");
    }

    private ProcessSpec process(Snapshotter.Active view, List<ContainerMount> mounts, List<String> environment) {
        return new ProcessSpec(tools.ids().get(), view.root(), view.written(), spec.args(), environment, spec.cwd(),
                spec.user(), network(), settings.limits(), mounts, surroundings());
    }

    private Surroundings surroundings() {
        Sandbox sandbox = spec.sandbox();
        List<ProcessSpec.Host> hosts = sandbox.hosts()
            .stream()
            .flatMap(name -> Objects.requireNonNull(settings.hosts().get(name), () -> "no address of " + name)
                .stream()
                .map(address -> new ProcessSpec.Host(name, address)))
            .toList();
        return new Surroundings(sandbox.insecure(), sandbox.hostname(), hosts, sandbox.sharedMemory(),
                sandbox.ulimits()
                    .stream()
                    .map(limit -> new ProcessSpec.Rlimit(limit.name(), limit.soft(), limit.hard()))
                    .toList(),
                sandbox.platform());
    }

    private ProcessSpec.Network network() {
        return switch (spec.sandbox().network()) {
            case DEFAULT -> settings.network();
            case NONE -> ProcessSpec.Network.NONE;
            case HOST -> ProcessSpec.Network.HOST;
            case PRIVATE -> ProcessSpec.Network.PRIVATE;
        };
    }
}
