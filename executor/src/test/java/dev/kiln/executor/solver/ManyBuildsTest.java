package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;

/** Builds over the same few vertices, started, cancelled and failing at random moments: nothing hangs, nothing stays. */
@Timeout(120)
class ManyBuildsTest {
    private static final int LAYERS = 6;
    private static final int WIDTH = 4;

    @TempDir
    Path spool;
    private final InMemoryIndex index = new InMemoryIndex();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void builds_atRandom_endAndLeaveNothing(long seed) throws Exception {
        Random random = new Random(seed);
        Solver solver = new Solver(index, layer -> Optional.of(Result.Layer.of(layer)), StepHistory.NONE, 3,
                InstantSource.system(),
                spool);
        List<RunningBuild> builds = new ArrayList<>();
        List<RunningBuild> cancelled = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            builds.add(new RunningBuild(solver, graph(random), new RandomOps(new ToyOps(), random.nextLong())));
            if (random.nextInt(3) == 0) {
                RunningBuild victim = builds.get(random.nextInt(builds.size()));
                victim.cancel();
                cancelled.add(victim);
            }
            if (random.nextInt(20) == 0) {
                index.entries.clear();
            }
        }
        for (RunningBuild build : builds) {
            try {
                build.result();
            } catch (SolveFailed failed) {
                assertThat(failed).hasMessageMatching("failed at random");
            } catch (InterruptedException e) {
                assertThat(cancelled).contains(build);
            }
            assertThat(build.listener.lines()).as("of each vertex one end at most")
                .filteredOn(line -> line.endsWith(": completed") || line.endsWith(": cached")
                        || line.contains(": failed"))
                .map(line -> line.substring(0, line.indexOf(':')))
                .doesNotHaveDuplicates();
        }
        solver.close();
        assertThat(solver.underWay()).isZero();
        assertThat(spool).isEmptyDirectory();
    }

    private static BuildGraph graph(Random random) {
        GraphBuilder graph = new GraphBuilder();
        List<Vertex> below = List.of(ToyOps.step(graph, "base"));
        for (int layer = 0; layer < LAYERS; layer++) {
            List<Vertex> here = new ArrayList<>();
            for (int i = 0; i < WIDTH; i++) {
                here.add(vertex(graph, random, layer + "." + i, pick(below, random), pick(below, random)));
            }
            below = here;
        }
        return graph.build(pick(below, random), ImageConfig.empty(Platform.parse("linux/amd64")));
    }

    private static Vertex vertex(GraphBuilder graph, Random random, String name, Vertex left, Vertex right) {
        return switch (random.nextInt(8)) {
            case 0 -> ToyOps.fresh(graph, name, left, right);
            case 1, 2 -> ToyOps.copy(graph, name, left, right);
            default -> ToyOps.step(graph, name, left, right);
        };
    }

    private static Vertex pick(List<Vertex> vertices, Random random) {
        return vertices.get(random.nextInt(vertices.size()));
    }

    /** Ops that now and then give way, fail, or write much. */
    private static final class RandomOps implements OpResolver {
        private final ToyOps ops;
        private final Random random;

        RandomOps(ToyOps ops, long seed) {
            this.ops = ops;
            random = new Random(seed);
        }

        @Override
        public Op resolve(Vertex vertex) {
            int luck = random.nextInt(100);
            return new DelegatingOp(ops.resolve(vertex)) {
                @Override
                public Result execute(List<Result> inputs, StepLog log)
                        throws IOException, StepFailed, InterruptedException {
                    if (luck < 3) {
                        throw new StepFailed("failed at random", Optional.of(1));
                    }
                    if (luck < 10) {
                        byte[] much = new byte[100_000];
                        log.write(1, much, much.length);
                    }
                    for (int i = 0; i < luck; i++) {
                        Thread.yield();
                        if (Thread.interrupted()) {
                            throw new InterruptedException();
                        }
                    }
                    return super.execute(inputs, log);
                }
            };
        }
    }
}
