package dev.kiln.executor.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;

/**
 * Makes the vertices of one build. Adding what was added before gives the vertex that is there, under its first name.
 * For one thread.
 */
public final class GraphBuilder {
    private final Map<Digest, Vertex> vertices = new HashMap<>();
    private final Set<Vertex> own = Collections.newSetFromMap(new IdentityHashMap<>());

    /** A vertex without inputs. */
    public Vertex source(String name, OpSpec op) {
        return add(name, op, List.of(), Freshness.ANY, StepOrigin.named(name));
    }

    /** A vertex for which no instruction stands. */
    public Vertex add(String name, OpSpec op, List<Vertex> inputs, boolean noCache) {
        return add(name, op, inputs, noCache ? new Freshness.Never(Freshness.Wish.REQUEST) : Freshness.ANY,
                StepOrigin.named(name));
    }

    /**
     * A vertex that takes the results of others, which this builder made.
     *
     * @param name for people: {@code [build 2/4] RUN make}
     */
    public Vertex add(String name, OpSpec op, List<Vertex> inputs, Freshness freshness, StepOrigin origin) {
        for (Vertex input : inputs) {
            if (!own.contains(input)) {
                throw new IllegalArgumentException(
                        "the input \"" + input + "\" of \"" + name + "\" is of another graph");
            }
        }
        Digest digest = Definition.digest(op, inputs, freshness);
        return vertices.computeIfAbsent(digest, d -> {
            Vertex made = new Vertex(d, name, op, inputs, freshness, origin);
            own.add(made);
            return made;
        });
    }

    /** The graph of what {@code target} needs; vertices that it does not need are left out. */
    public BuildGraph build(Vertex target, ImageConfig image, List<String> proxyEnv) {
        return build(List.of(new BuildGraph.Target(target, image, Optional.empty())), proxyEnv);
    }

    /** The graph of what several targets need. */
    public BuildGraph build(List<BuildGraph.Target> targets, List<String> proxyEnv) {
        for (BuildGraph.Target target : targets) {
            if (!own.contains(target.vertex())) {
                throw new IllegalArgumentException("the target \"" + target.vertex() + "\" is of another graph");
            }
        }
        return new BuildGraph(targets, inOrder(targets), proxyEnv);
    }

    /** The same without proxy arguments. */
    public BuildGraph build(Vertex target, ImageConfig image) {
        return build(target, image, List.of());
    }

    /** Inputs before those that take them. Without recursion: chains of thousands of steps are no exception. */
    private static List<Vertex> inOrder(List<BuildGraph.Target> targets) {
        List<Vertex> ordered = new ArrayList<>();
        Set<Vertex> seen = new HashSet<>();
        for (BuildGraph.Target target : targets) {
            if (seen.add(target.vertex())) {
                visit(target.vertex(), seen, ordered);
            }
        }
        return ordered;
    }

    private static void visit(Vertex target, Set<Vertex> seen, List<Vertex> ordered) {
        Deque<Visit> path = new ArrayDeque<>(List.of(new Visit(target)));
        while (!path.isEmpty()) {
            Visit top = path.peek();
            if (top.next < top.vertex.inputs().size()) {
                Vertex input = top.vertex.inputs().get(top.next++);
                if (seen.add(input)) {
                    path.push(new Visit(input));
                }
            } else {
                ordered.add(path.pop().vertex);
            }
        }
    }

    private static final class Visit {
        private final Vertex vertex;
        private int next;

        private Visit(Vertex vertex) {
            this.vertex = vertex;
        }
    }
}
