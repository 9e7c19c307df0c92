package dev.kiln.executor.exchange;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import dev.kiln.executor.buildkit.CacheGraph;
import dev.kiln.executor.buildkit.CacheNode;
import dev.kiln.executor.buildkit.CacheNode.Content;
import dev.kiln.executor.buildkit.FileSelector;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.executor.op.TakenFiles;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.oci.Digest;

/**
 * What the steps of one build take from the files of their inputs, each worked out at most once. Safe for many threads.
 */
final class KnownContents {
    private static final Logger LOG = LoggerFactory.getLogger(KnownContents.class);

    private final CacheGraph graph;
    private final TakenFiles files;
    private final Map<Place, Set<Digest>> known = new ConcurrentHashMap<>();
    private final Map<Taken, Set<Digest>> taken = new ConcurrentHashMap<>();
    private final ReentrantLock uploads = new ReentrantLock();
    /** Guarded by {@code uploads}. */
    private boolean uploadsRead;

    private record Place(int position, int input) {}

    private record Taken(Vertex from, List<FileSelector> selectors) {}

    /** Hears of a digest. */
    interface Learner {
        void learn(CacheNode node, int input, Digest content);
    }

    KnownContents(CacheGraph graph, TakenFiles files) {
        this.graph = graph;
        this.files = files;
    }

    /** Empty while it is not known. */
    Set<Digest> of(CacheNode node, int input) {
        return known.getOrDefault(new Place(node.position(), input), Set.of());
    }

    /** What all steps take of uploaded contexts, which are here anyway and have no other key. */
    void readUploads(Learner learner) throws InterruptedException {
        uploads.lockInterruptibly();
        try {
            if (uploadsRead) {
                return;
            }
            for (CacheNode node : graph.nodes()) {
                if (node instanceof CacheNode.Step step) {
                    for (int i = 0; i < step.inputs().size(); i++) {
                        Optional<Content> content = step.inputs().get(i).content();
                        if (content.isPresent() && content.get().from().op() instanceof OpSpec.Context context) {
                            read(step, i, content.get(), Result.ofTree(context.archive()), learner);
                        }
                    }
                }
            }
            uploadsRead = true;
        } finally {
            uploads.unlock();
        }
    }

    /** What a step takes of inputs whose results are there. */
    void read(CacheNode.Step step, Map<Vertex, Result> results, Learner learner) throws InterruptedException {
        for (int i = 0; i < step.inputs().size(); i++) {
            Optional<Content> content = step.inputs().get(i).content();
            Optional<Result> result = content.flatMap(what -> Optional.ofNullable(results.get(what.from())));
            if (result.isPresent() && of(step, i).isEmpty()) {
                read(step, i, content.get(), result.get(), learner);
            }
        }
    }

    private void read(CacheNode.Step step, int input, Content content, Result result, Learner learner)
            throws InterruptedException {
        Set<Digest> digests = digests(new Taken(content.from(), content.selectors()), result);
        known.put(new Place(step.position(), input), digests);
        digests.forEach(digest -> learner.learn(step, input, digest));
    }

    /** That files cannot be read is found out, and told, by the step that needs them. */
    private Set<Digest> digests(Taken what, Result result) throws InterruptedException {
        Set<Digest> before = taken.get(what);
        if (before != null) {
            return before;
        }
        try {
            Set<Digest> digests = files.of(result, what.selectors());
            taken.put(what, digests);
            return digests;
        } catch (IOException e) {
            LOG.warn("action=digest-input vertex=\"{}\" outcome=failed", what.from(), e);
            return Set.of();
        }
    }
}
