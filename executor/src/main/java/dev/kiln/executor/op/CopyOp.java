package dev.kiln.executor.op;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.kiln.executor.graph.CopyItem;
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
        for (int i = 0; i < spec.items().size(); i++) {
            preimage.put("source." + i, spec.items().get(i).toString());
        }
        preimage.put("destination", spec.destination());
        spec.owner().ifPresent(owner -> preimage.put("owner", owner));
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
        List<CopyItem.Paths> paths = FileCopy.plainPaths(spec);
        ContentHasher hasher = new ContentHasher(
                spec.owner().isEmpty() && paths.stream().noneMatch(CopyItem.Paths::resetOwner));
        SourceSelection selection = new SourceSelection(root);
        for (CopyItem.Paths source : paths) {
            hasher.source(GoPattern.isPattern(source.path()), selection.select(source.path()));
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
