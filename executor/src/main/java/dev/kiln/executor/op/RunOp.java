package dev.kiln.executor.op;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.runtime.ContainerRuntime.ExitStatus;
import dev.kiln.executor.runtime.ProcessSpec;
import dev.kiln.executor.runtime.RuntimeFailure;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;

/** A process over the files of its input. */
final class RunOp implements Op {
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final OpSpec.Run spec;
    private final StepTools tools;
    private final RunSettings settings;

    RunOp(OpSpec.Run spec, StepTools tools, RunSettings settings) {
        this.spec = spec;
        this.tools = tools;
        this.settings = settings;
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
        preimage.put("network", spec.sandbox().network().name());
        return preimage;
    }

    @Override
    public boolean hasContentKey(int input) {
        return false;
    }

    @Override
    public Optional<Digest> contentKey(int input, Result result) {
        return Optional.empty();
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        if (!spec.mounts().isEmpty() || spec.sandbox().insecure()) {
            throw new StepFailed("RUN --mount and RUN --security are not supported yet", Optional.empty());
        }
        return tools.layers().over(inputs.getFirst(), view -> run(view, log));
    }

    private void run(Snapshotter.Active view, StepLog log) throws IOException, StepFailed, InterruptedException {
        ExitStatus exit = exit(view, log);
        if (exit.code() != 0) {
            throw new StepFailed("process " + GoQuote.quote(String.join(" ", spec.args()))
                    + " did not complete successfully: exit code: " + exit.code()
                    + (exit.outOfMemory() ? outOfMemory() : ""), Optional.of(exit.code()));
        }
    }

    private ExitStatus exit(Snapshotter.Active view, StepLog log)
            throws IOException, StepFailed, InterruptedException {
        try {
            return tools.runtime().run(process(view), log::write);
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

    private ProcessSpec process(Snapshotter.Active view) {
        return new ProcessSpec(tools.ids().get(), view.root(), view.written(), spec.args(), environment(), spec.cwd(),
                spec.user(), network(), settings.limits());
    }

    private List<String> environment() {
        List<String> env = new ArrayList<>(spec.env());
        if (env.stream().noneMatch(variable -> variable.startsWith("PATH="))) {
            env.add(DEFAULT_PATH);
        }
        env.addAll(settings.proxyEnv());
        return env;
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
