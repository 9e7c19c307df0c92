package dev.kiln.executor.exchange;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;

import dev.kiln.executor.buildkit.CacheGraph;
import dev.kiln.executor.buildkit.CacheNode;
import dev.kiln.executor.exporter.ExportException;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.solver.Elsewhere;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.OpResolver;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.job.CacheExport;

/**
 * The caches of one build. In order: {@link #over} for the solver, {@link #collect} when the build is solved, then
 * {@link #inline}, {@link #upload} and {@link #publish}. Safe for many threads while the build is solved, for one after.
 */
public final class BuildCaches implements AutoCloseable {
    /** The field of an image's configuration that {@link #inline} gives. */
    public static final String FIELD = InlineCache.FIELD;

    private final BuildGraph build;
    private final CacheGraph graph;
    private final KnownContents contents;
    private final ImportedResults imported;
    private final List<RegistryExport> exports;
    private final CacheProgress progress;
    private final Set<Vertex> targetChain;
    private Map<Vertex, List<CachedLayer>> results = Map.of();

    BuildCaches(BuildGraph build, CacheGraph graph, KnownContents contents, ImportedResults imported,
            List<RegistryExport> exports, CacheProgress progress) {
        this.build = build;
        this.graph = graph;
        this.contents = contents;
        this.imported = imported;
        this.exports = List.copyOf(exports);
        this.progress = progress;
        targetChain = new HashSet<>();
        build.targets().forEach(target -> addChain(target.vertex()));
    }

    /** The vertices whose layers are in an image: each is the one below another. */
    private void addChain(Vertex target) {
        targetChain.add(target);
        for (Vertex at = target; !at.inputs().isEmpty();) {
            at = at.inputs().getFirst();
            targetChain.add(at);
        }
    }

    /** The same ops, for a solver that also looks into the caches and tells of what it makes. */
    public OpResolver over(OpResolver ops) {
        Elsewhere elsewhere = new Elsewhere() {
            @Override
            public Optional<List<CachedLayer>> find(Vertex vertex, Optional<List<Result>> inputs)
                    throws InterruptedException {
                return imported.find(vertex, inputs);
            }

            @Override
            public void made(Vertex vertex, Result result) {
                push(vertex, result);
            }
        };
        return new OpResolver() {
            @Override
            public Op resolve(Vertex vertex) {
                return ops.resolve(vertex);
            }

            @Override
            public Elsewhere elsewhere() {
                return elsewhere;
            }
        };
    }

    /** All layers but the last were pushed when they were made, or are pushed at the end. */
    private void push(Vertex vertex, Result result) {
        if (result.layers().isEmpty() || !graph.byVertex().containsKey(vertex)) {
            return;
        }
        for (RegistryExport export : exports) {
            if (export.target().mode() == CacheExport.Mode.MAX || targetChain.contains(vertex)) {
                export.pusher().later(result.layers().getLast());
            }
        }
    }

    /** Whether {@link #collect} is wanted. */
    public boolean exports(boolean inline) {
        return inline || !exports.isEmpty();
    }

    /** Takes the results of the build's vertices, as far as they are known. */
    public void collect(Map<Vertex, Result> known) throws InterruptedException {
        Map<Vertex, List<CachedLayer>> packed = new HashMap<>();
        known.forEach((vertex, result) -> {
            if (!result.layers().isEmpty()) {
                packed(result).ifPresent(layers -> packed.put(vertex, layers));
            }
        });
        results = packed;
        contents.readUploads((node, input, digest) -> {});
        readUnnamed(known);
    }

    private static Optional<List<CachedLayer>> packed(Result result) {
        try {
            return Optional.of(result.layers().stream().map(layer -> layer.packed().join()).toList());
        } catch (CompletionException e) {
            return Optional.empty();
        }
    }

    /** An input that has no key by definition is named by what is taken from it, so that what follows has a key. */
    private void readUnnamed(Map<Vertex, Result> known) throws InterruptedException {
        Set<Integer> named = new HashSet<>();
        for (CacheNode node : graph.nodes()) {
            switch (node) {
                case CacheNode.Source(int position, List<Digest> _) -> named.add(position);
                case CacheNode.Unnamed _ -> {
                    // stays without
                }
                case CacheNode.Step step -> {
                    if (!isNamed(step, named)) {
                        contents.read(step, known, (_, _, _) -> {});
                    }
                    if (isNamed(step, named)) {
                        named.add(step.position());
                    }
                }
            }
        }
    }

    private boolean isNamed(CacheNode.Step step, Set<Integer> named) {
        for (int i = 0; i < step.inputs().size(); i++) {
            if (!named.contains(step.inputs().get(i).node().position()) && contents.of(step, i).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** The value of the field of the image's configuration that holds its cache, as JSON; empty for nothing to tell. */
    public Optional<String> inline(List<Digest> diffIds) {
        return InlineCache.of(new CacheWriter(graph, contents).write(build, within(diffIds)).document());
    }

    /** The results whose layers are those of the image, from its lowest. */
    private Map<Vertex, List<CachedLayer>> within(List<Digest> diffIds) {
        Map<Vertex, List<CachedLayer>> within = new HashMap<>();
        results.forEach((vertex, layers) -> {
            List<Digest> own = layers.stream().map(CachedLayer::diffId).toList();
            if (own.size() <= diffIds.size() && diffIds.subList(0, own.size()).equals(own)) {
                within.put(vertex, layers);
            }
        });
        return within;
    }

    private Map<Vertex, List<CachedLayer>> withinAny(List<List<Digest>> images) {
        Map<Vertex, List<CachedLayer>> within = new HashMap<>();
        images.forEach(diffIds -> within.putAll(within(diffIds)));
        return within;
    }

    /**
     * Brings everything to where the cache shall be; nobody sees it there yet.
     *
     * @param images the diffIDs of each image
     * @throws ExportException for a place whose trouble the build shall not pass over
     */
    public void upload(List<List<Digest>> images) throws ExportException, InterruptedException {
        for (RegistryExport export : exports) {
            progress.begun(export.name());
            CacheWriter.Written written = new CacheWriter(graph, contents).write(build,
                    export.target().mode() == CacheExport.Mode.MAX ? results : withinAny(images));
            if (written.blobs().isEmpty()) {
                progress.line(export.name(), "no step has a result that others could use; nothing is exported");
                progress.ended(export.name(), Optional.empty());
            } else if (attempt(export, () -> export.upload(written))) {
                progress.line(export.name(), written.document().entries().size() + " keys, " + written.blobs().size()
                        + " layers");
            }
        }
    }

    /** Puts every cache under its name. */
    public void publish() throws ExportException, InterruptedException {
        for (RegistryExport export : exports) {
            if (export.isReady() && attempt(export, export::publish)) {
                progress.ended(export.name(), Optional.empty());
            }
        }
    }

    private interface Exporting {
        void run() throws ExportException, InterruptedException;
    }

    /** @return false for trouble that the build shall pass over */
    private boolean attempt(RegistryExport export, Exporting exporting) throws ExportException, InterruptedException {
        try {
            exporting.run();
            return true;
        } catch (ExportException e) {
            progress.ended(export.name(), Optional.of(String.valueOf(e.getMessage())));
            if (!export.target().ignoreError()) {
                throw e;
            }
            return false;
        }
    }

    /** Gives up what is still being pushed. */
    @Override
    public void close() {
        exports.forEach(RegistryExport::close);
    }
}
