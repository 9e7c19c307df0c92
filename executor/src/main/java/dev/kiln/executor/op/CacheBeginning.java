package dev.kiln.executor.op;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.ExecutionException;

import dev.kiln.executor.cachemount.Wanted;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.StepMount;
import dev.kiln.executor.graph.StepMount.Permissions;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;

/** How a new cache of a mount begins: empty, or as a copy of an input. */
final class CacheBeginning {
    private static final Permissions USUAL = new Permissions(0755, 0, 0);
    private static final OpSpec.Copy EVERYTHING = new OpSpec.Copy(List.of("."), "/", Optional.empty());

    private CacheBeginning() {}

    /** As in BuildKit a cache is another when it would begin otherwise: with other files, or another look of its root. */
    static Wanted wanted(StepMount.Cache cache, List<Result> inputs, StepTools tools, CacheBeginnings beginnings)
            throws IOException, InterruptedException {
        String root = cache.root()
            .map(look -> Integer.toOctalString(look.mode()) + " " + look.uid() + ":" + look.gid())
            .orElse("");
        String origin = root;
        Wanted.Beginning own = Wanted.NOTHING;
        if (cache.input().isPresent()) {
            int input = cache.input().getAsInt();
            Result from = inputs.get(input);
            origin = (root + " " + identity(from)).strip();
            own = directory -> {
                copy(input, from, directory, tools);
                return Optional.empty();
            };
        }
        return new Wanted(cache.id(), origin, cache.sharing(), cache.onlyOnSuccess() && !cache.readOnly(),
                cache.root().orElse(USUAL), onFileThread(beginnings.of(cache.id(), origin, own), tools));
    }

    private static Wanted.Beginning onFileThread(Wanted.Beginning beginning, StepTools tools) {
        return directory -> {
            try {
                return tools.threads().run(() -> beginning.fill(directory));
            } catch (StepFailed e) {
                throw new IOException("filling a new cache: " + e.getMessage(), e);
            }
        };
    }

    private static String identity(Result from) throws IOException, InterruptedException {
        if (from.tree().isPresent()) {
            return from.tree().get().toString();
        }
        StringJoiner layers = new StringJoiner(" ");
        for (Result.Layer layer : from.layers()) {
            try {
                layers.add(layer.packed().get().diffId().toString());
            } catch (ExecutionException e) {
                throw new IOException("packing a layer that a cache begins with failed", e.getCause());
            }
        }
        return layers.toString();
    }

    private static void copy(int input, Result from, Path into, StepTools tools)
            throws IOException, InterruptedException {
        try (InputRoots roots = new InputRoots(tools)) {
            Root files = roots.open(input, from);
            new FileCopy(EVERYTHING, Root.of(into), _ -> files, Optional.empty(), (_, _, _) -> {}).run();
        } catch (StepFailed e) {
            throw new IOException("filling a new cache: " + e.getMessage(), e);
        }
    }
}
