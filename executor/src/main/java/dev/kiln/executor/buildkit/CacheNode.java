package dev.kiln.executor.buildkit;

import java.util.List;
import java.util.Optional;

import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;

/**
 * What BuildKit knows of a vertex before any file is looked at.
 *
 * <p>Nodes are compared by identity: comparing them by value would go through whole graphs.
 */
public sealed interface CacheNode {

    /** Where it stands in {@link CacheGraph#nodes}; its inputs stand before it. */
    int position();

    /**
     * Files whose identity is known: an image, a commit, a download.
     *
     * @param keys any of which names them
     */
    record Source(int position, List<Digest> keys) implements CacheNode {

        public Source {
            keys = List.copyOf(keys);
        }
    }

    /**
     * What does something with its inputs.
     *
     * @param digest of what it does
     */
    record Step(int position, Digest digest, List<Input> inputs) implements CacheNode {

        public Step {
            inputs = List.copyOf(inputs);
        }
    }

    /** What has no key by definition: uploaded files, and what BuildKit has no equal of. */
    record Unnamed(int position) implements CacheNode {}

    /**
     * An input of a step.
     *
     * @param selector stands in the link to the key by definition; empty for none
     * @param content what is taken, where a key by content counts
     */
    record Input(CacheNode node, Optional<Digest> selector, Optional<Content> content) {}

    /** Files of a vertex of Kiln. */
    record Content(Vertex from, List<FileSelector> selectors) {

        public Content {
            selectors = List.copyOf(selectors);
        }
    }
}
