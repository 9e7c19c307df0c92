package dev.kiln.executor.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GraphBuilderTest {
    private static final Digest A = Digest.sha256(new byte[]{1});
    private static final Digest B = Digest.sha256(new byte[]{2});
    private static final ImageConfig IMAGE = ImageConfig.empty(Platform.parse("linux/amd64"));

    private final GraphBuilder graph = new GraphBuilder();

    @Test
    void vertex_addedTwice_isOne() {
        Vertex first = graph.source("[1/1] FROM scratch", new OpSpec.Scratch());
        Vertex second = graph.source("[other 1/1] FROM scratch", new OpSpec.Scratch());
        assertThat(second).isSameAs(first);
    }

    @Test
    void definition_anyFieldChanged_isAnother() {
        Vertex base = graph.source("base", new OpSpec.Scratch());
        List<OpSpec> specs = List.of(
                run(List.of("a", "b"), List.of("K=v"), "/", "", OpSpec.Network.DEFAULT),
                run(List.of("ab"), List.of("K=v"), "/", "", OpSpec.Network.DEFAULT),
                run(List.of("a"), List.of("b", "K=v"), "/", "", OpSpec.Network.DEFAULT),
                run(List.of("a", "b"), List.of(), "/", "", OpSpec.Network.DEFAULT),
                run(List.of("a", "b"), List.of("K=v"), "/w", "", OpSpec.Network.DEFAULT),
                run(List.of("a", "b"), List.of("K=v"), "/", "u", OpSpec.Network.DEFAULT),
                run(List.of("a", "b"), List.of("K=v"), "/", "", OpSpec.Network.NONE),
                new OpSpec.Copy(List.of("a"), "/b", Optional.empty()),
                new OpSpec.Copy(List.of("a"), "/b", Optional.of("")),
                new OpSpec.Copy(List.of("a"), "/b/", Optional.empty()),
                new OpSpec.MakeDirectory("/b", Optional.empty()),
                new OpSpec.MakeDirectory("/b", Optional.of("u")),
                new OpSpec.Context(A, 1), new OpSpec.Context(B, 1), new OpSpec.Context(A, 2),
                new OpSpec.Image(ImageReference.parse("x").withDigest(A), List.of(A)),
                new OpSpec.Image(ImageReference.parse("x").withDigest(A), List.of(B)),
                new OpSpec.Image(ImageReference.parse("x").withDigest(B), List.of(A)));
        Set<Digest> digests = new HashSet<>();
        specs.forEach(spec -> digests.add(graph.add("n", spec, List.of(base), false).digest()));
        digests.add(graph.add("n", specs.getFirst(), List.of(base, base), false).digest());
        digests.add(graph.add("n", specs.getFirst(), List.of(), false).digest());
        digests.add(graph.add("n", specs.getFirst(), List.of(base), true).digest());
        assertThat(digests).hasSize(specs.size() + 3);
    }

    @Test
    void definition_sameInAnotherBuilder_hasTheSameDigest() {
        GraphBuilder other = new GraphBuilder();
        assertThat(step(other, "a", other.source("s", new OpSpec.Scratch())).digest())
            .isEqualTo(step(graph, "a", graph.source("t", new OpSpec.Scratch())).digest());
    }

    @Test
    void graph_diamond_hasInputsBeforeUsersAndNoStrangers() {
        Vertex base = graph.source("base", new OpSpec.Scratch());
        Vertex left = step(graph, "left", base);
        Vertex right = step(graph, "right", base);
        step(graph, "unused", base);
        Vertex join = step(graph, "join", left, right);
        assertThat(graph.build(join, IMAGE).vertices()).containsExactly(base, left, right, join);
    }

    @Test
    void graph_longChain_doesNotOverflow() {
        Vertex last = graph.source("base", new OpSpec.Scratch());
        for (int i = 0; i < 100_000; i++) {
            last = step(graph, Integer.toString(i), last);
        }
        assertThat(graph.build(last, IMAGE).vertices()).hasSize(100_001).endsWith(last);
    }

    @Test
    void input_ofAnotherBuilder_isRefused() {
        Vertex stranger = new GraphBuilder().source("s", new OpSpec.Scratch());
        assertThatThrownBy(() -> step(graph, "a", stranger)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Vertex step(GraphBuilder graph, String command, Vertex... inputs) {
        return graph.add(command, run(List.of(command), List.of(), "/", "", OpSpec.Network.DEFAULT), List.of(inputs),
                false);
    }

    private static OpSpec run(List<String> args, List<String> env, String cwd, String user, OpSpec.Network network) {
        return new OpSpec.Run(args, env, cwd, user, network);
    }
}
