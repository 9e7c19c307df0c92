package dev.kiln.executor.op;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.OpResolver;

/** The ops of one build. */
public final class Ops implements OpResolver {
    private final StepTools tools;
    private final RunSettings settings;
    private final RemoteFiles remote;

    public Ops(StepTools tools, RunSettings settings, RemoteFiles remote) {
        this.tools = tools;
        this.settings = settings;
        this.remote = remote;
    }

    @Override
    public Op resolve(Vertex vertex) {
        return switch (vertex.op()) {
            case OpSpec.Image image -> new ImageOp(image, tools.sources().bases());
            case OpSpec.Scratch scratch -> new ScratchOp();
            case OpSpec.Context context -> new ContextOp(context);
            case OpSpec.Git git -> new GitOp(git, tools, remote);
            case OpSpec.Http http -> new HttpOp(http, tools, remote);
            case OpSpec.Merge merge -> new MergeOp();
            case OpSpec.Run run -> new RunOp(run, tools, settings);
            case OpSpec.Copy copy -> new CopyOp(copy, tools);
            case OpSpec.MakeDirectory directory -> new MakeDirectoryOp(directory, tools);
        };
    }
}
