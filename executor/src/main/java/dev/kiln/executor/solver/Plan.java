package dev.kiln.executor.solver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.Freshness;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;

/**
 * What is known of a build's vertices before anything is looked up or run.
 *
 * @param users how many places take the vertex as an input; one more for a target
 */
record Plan(Set<Vertex> targets, Map<Vertex, Entry> entries, Map<Vertex, Integer> users) {

    /**
     * @param opPreimage what {@link Op#preimage} gave
     * @param definition the key from the definitions alone
     * @param flight under which builds share the step while it is under way: its definition, and which of the vertices
     *        that it is made of have to run anew, or may be only so old
     * @param fresh true when this vertex, or one that it is made of, has to run anew: then what is known of the
     *        definition is of no use
     * @param aging true when this vertex, or one that it is made of, may be only so old
     * @param known false when what is known of the definition says nothing: whether an input is still good enough is only
     *        found out when that is looked up
     * @param instructions those of the whole build, as written
     * @param elsewhere who else may have its result
     */
    record Entry(Vertex vertex, Op op, Map<String, String> opPreimage, Keys definition, Digest flight, boolean fresh,
            boolean aging, boolean known, Set<String> instructions, Elsewhere elsewhere) {

        /** How old a result may be. */
        Optional<Duration> ttl() {
            return vertex.freshness() instanceof Freshness.Within(var ttl) ? Optional.of(ttl) : Optional.empty();
        }
    }

    static Plan of(BuildGraph graph, OpResolver ops) {
        Map<Vertex, Entry> entries = new HashMap<>();
        Map<Vertex, Integer> users = new HashMap<>();
        Set<String> instructions = graph.vertices().stream().map(v -> v.origin().text()).collect(Collectors.toSet());
        for (Vertex vertex : graph.vertices()) {
            List<Entry> inputs = new ArrayList<>();
            for (Vertex input : vertex.inputs()) {
                Entry entry = entries.get(input);
                if (entry == null) {
                    throw new IllegalArgumentException(
                            "\"" + input + "\" comes after \"" + vertex + "\", which needs it");
                }
                inputs.add(entry);
                users.merge(input, 1, Integer::sum);
            }
            entries.put(vertex, entry(vertex, ops, inputs, instructions));
        }
        Set<Vertex> targets = graph.targets().stream().map(BuildGraph.Target::vertex).collect(Collectors.toSet());
        for (Vertex target : targets) {
            if (!entries.containsKey(target)) {
                throw new IllegalArgumentException("the target \"" + target + "\" is not among the vertices");
            }
            users.merge(target, 1, Integer::sum);
        }
        return new Plan(targets, Map.copyOf(entries), users);
    }

    Entry entry(Vertex vertex) {
        Entry entry = entries.get(vertex);
        if (entry == null) {
            throw new IllegalArgumentException("\"" + vertex + "\" is of another build");
        }
        return entry;
    }

    private static Entry entry(Vertex vertex, OpResolver ops, List<Entry> inputs, Set<String> instructions) {
        Op op = ops.resolve(vertex);
        Map<String, String> preimage = Map.copyOf(op.preimage());
        Keys definition = Keys.of(preimage, inputs.stream().map(i -> Keys.byDefinition(i.definition.key())).toList());
        boolean fresh = vertex.noCache() || inputs.stream().anyMatch(Entry::fresh);
        boolean old = inputs.stream().anyMatch(Entry::aging);
        boolean aging = old || vertex.freshness() instanceof Freshness.Within;
        return new Entry(vertex, op, preimage, definition, flight(vertex, definition, fresh || aging, inputs), fresh,
                aging, !fresh && !old, instructions, ops.elsewhere());
    }

    private static Digest flight(Vertex vertex, Keys definition, boolean special, List<Entry> inputs) {
        Digest usual = definition.key().digest();
        if (!special) {
            return usual;
        }
        List<String> parts = inputs.stream().map(i -> i.flight.toString()).toList();
        String freshness = switch (vertex.freshness()) {
            case Freshness.Any() -> "any";
            case Freshness.Never _ -> "never";
            case Freshness.Within(var ttl) -> ttl.toString();
        };
        return Keys.of(Map.of("flight", usual.toString(), "freshness", freshness), parts).key().digest();
    }
}
