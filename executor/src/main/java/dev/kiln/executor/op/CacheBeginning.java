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
    static Wanted wanted(StepMount.Cache cache, List<Result> inputs, StepTools tools)
            throws IOException, InterruptedException {
        String root = cache.root()
            .map(look -> Integer.toOctalString(look.mode()) + " " + look.uid() + ":" + look.gid())
            .orElse("");
        if (cache.input().isEmpty()) {
            return wanted(cache, root, Wanted.NOTHING);
        }
        Result from = inputs.get(cache.input().getAsInt());
        return wanted(cache, (root + " " + identity(from)).strip(), directory -> {
            copy(cache.input().getAsInt(), from, directory, tools);
            return Optional.empty();
        });
    }

    private static Wanted wanted(StepMount.Cache cache, String origin, Wanted.Beginning beginning) {
        return new Wanted(cache.id(), origin, cache.sharing(), cache.onlyOnSuccess() && !cache.readOnly(),
                cache.root().orElse(USUAL), beginning);
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
            tools.threads().run(() -> {
                new FileCopy(EVERYTHING, Root.of(into), _ -> files, Optional.empty(), (_, _, _) -> {}).run();
                return into;
            });
        } catch (StepFailed e) {
            throw new IOException("filling a new cache: " + e.getMessage(), e);
        }
    }
}
