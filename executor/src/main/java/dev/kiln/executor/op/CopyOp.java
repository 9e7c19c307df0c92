package dev.kiln.executor.op;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.mount.Mounter.Mounted;
import dev.kiln.executor.snapshot.Snapshotter;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;

/** COPY: paths of a context, a stage or an image onto the files of its input. */
final class CopyOp implements Op {
    private static final int SOURCE = 1;

    private final OpSpec.Copy spec;
    private final StepTools tools;

    CopyOp(OpSpec.Copy spec, StepTools tools) {
        this.spec = spec;
        this.tools = tools;
    }

    @Override
    public Map<String, String> preimage() {
        Map<String, String> preimage = new LinkedHashMap<>();
        preimage.put("op", "copy");
        for (int i = 0; i < spec.sources().size(); i++) {
            preimage.put("source." + i, spec.sources().get(i));
        }
        preimage.put("destination", spec.destination());
        preimage.put("owner", spec.owner()
            .map(owner -> "given " + owner)
            .orElse(spec.resetOwner() ? "reset" : "kept"));
        return preimage;
    }

    @Override
    public boolean hasContentKey(int input) {
        return input == SOURCE;
    }

    @Override
    public Optional<Digest> contentKey(int input, Result result) throws IOException, StepFailed, InterruptedException {
        return Optional.of(withFiles(result, root -> tools.threads().run(() -> digest(root))));
    }

    private Digest digest(Root root) throws IOException, StepFailed, InterruptedException {
        ContentHasher hasher = new ContentHasher(spec.owner().isEmpty() && !spec.resetOwner());
        SourceSelection selection = new SourceSelection(root);
        for (String source : spec.sources()) {
            hasher.source(GoPattern.isPattern(source), selection.select(source));
        }
        return hasher.digest();
    }

    @Override
    public boolean cacheable() {
        return true;
    }

    @Override
    public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
        return withFiles(inputs.get(SOURCE),
                source -> tools.layers().over(inputs.getFirst(), view -> copy(source, view)));
    }

    private void copy(Root source, Snapshotter.Active view) throws IOException, StepFailed, InterruptedException {
        new FileCopy(source, Root.of(view.root()), spec).run(tools.threads());
    }

    private interface Use<T> {
        T of(Root root) throws IOException, StepFailed, InterruptedException;
    }

    private <T> T withFiles(Result result, Use<T> use) throws IOException, StepFailed, InterruptedException {
        if (result.tree().isPresent()) {
            try (ContextTrees.Tree tree = tools.sources().contexts().open(result.tree().get())) {
                return use.of(Root.of(tree.root()));
            }
        }
        try (Mounted mounted = tools.snapshots().view(tools.stacks().of(result))) {
            return use.of(Root.of(mounted.target()));
        }
    }
}
