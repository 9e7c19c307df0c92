package dev.kiln.executor.solver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;

/**
 * Ops for tests: a vertex runs the command that is its first argument, which stands for whatever {@link #make} puts
 * there. They count how often each ran, and can be held up or made to fail.
 */
final class ToyOps implements OpResolver {
    final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
    final Map<String, Gate> gates = new ConcurrentHashMap<>();
    final Map<String, Exception> failures = new ConcurrentHashMap<>();
    /** Commands whose result is told by this text rather than by their name. */
    final Map<String, String> outputs = new ConcurrentHashMap<>();
    /** Commands that have something to say. */
    final Map<String, String> warnings = new ConcurrentHashMap<>();
    final Map<String, AtomicInteger> contentKeys = new ConcurrentHashMap<>();
    Elsewhere elsewhere = Elsewhere.NOWHERE;

    /** Holds a command up: tests see that it has come, and let it go on. */
    static final class Gate {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);
        final CountDownLatch interrupted = new CountDownLatch(1);

        void pass() throws InterruptedException {
            reached.countDown();
            try {
                opened.await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        }

        void awaitReached() throws InterruptedException {
            await(reached);
        }

        void open() {
            opened.countDown();
        }
    }

    static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("did not happen within 30 seconds");
        }
    }

    Gate gate(String command) {
        return gates.computeIfAbsent(command, c -> new Gate());
    }

    int runs(String command) {
        return runs.getOrDefault(command, new AtomicInteger()).get();
    }

    static Vertex step(GraphBuilder graph, String command, Vertex... inputs) {
        return graph.add(command, new OpSpec.Run(List.of(command), List.of(), "/", "", OpSpec.Network.NONE),
                List.of(inputs), false);
    }

    static Vertex fresh(GraphBuilder graph, String command, Vertex... inputs) {
        return graph.add(command, new OpSpec.Run(List.of(command), List.of(), "/", "", OpSpec.Network.NONE),
                List.of(inputs), true);
    }

    /** Takes its last input by content only. */
    static Vertex copy(GraphBuilder graph, String destination, Vertex... inputs) {
        return graph.add("copy " + destination,
                new OpSpec.Copy(List.of("x"), destination, Optional.empty()), List.of(inputs), false);
    }

    @Override
    public Op resolve(Vertex vertex) {
        return switch (vertex.op()) {
            case OpSpec.Run run -> new Toy(run.args().getFirst(), -1);
            case OpSpec.Copy copy -> new Toy("copy " + copy.destination(), vertex.inputs().size() - 1);
            case OpSpec.Image _,OpSpec.Scratch _,OpSpec.Context _,OpSpec.Git _,OpSpec.Http _,OpSpec.Merge _,OpSpec.MakeDirectory _ ->
                throw new AssertionError(vertex.op());
        };
    }

    @Override
    public Elsewhere elsewhere() {
        return elsewhere;
    }

    static Result result(String text) {
        Digest digest = Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
        return new Result(List.of(Result.Layer.of(new CachedLayer(digest,
                Descriptor.of(MediaTypes.OCI_LAYER_GZIP, digest, 1), 1, Optional.empty(), Optional.empty()))));
    }

    private final class Toy implements Op {
        private final String command;
        private final int content;

        Toy(String command, int content) {
            this.command = command;
            this.content = content;
        }

        @Override
        public Map<String, String> preimage() {
            return Map.of("command", command);
        }

        @Override
        public boolean hasContentKey(int input) {
            return input == content;
        }

        @Override
        public Optional<Digest> contentKey(int input, Result result) {
            contentKeys.computeIfAbsent(command, c -> new AtomicInteger()).incrementAndGet();
            return Optional.of(result.layers().getLast().packed().join().diffId());
        }

        @Override
        public boolean cacheable() {
            return true;
        }

        @Override
        public Result execute(List<Result> inputs, StepLog log) throws IOException, StepFailed, InterruptedException {
            runs.computeIfAbsent(command, c -> new AtomicInteger()).incrementAndGet();
            byte[] text = ("running " + command + "\n").getBytes(StandardCharsets.UTF_8);
            log.write(1, text, text.length);
            if (warnings.containsKey(command)) {
                log.warning("Toy", warnings.get(command));
            }
            Gate gate = gates.get(command);
            if (gate != null) {
                gate.pass();
            }
            switch (failures.get(command)) {
                case null -> {
                }
                case StepFailed failed -> throw failed;
                case IOException failed -> throw failed;
                case Exception other -> throw new AssertionError(other);
            }
            String own = outputs.get(command);
            return result(own != null
                    ? own
                    : command + inputs.stream()
                        .map(Keys::identity)
                        .map(Optional::toString)
                        .collect(Collectors.joining("+", "(", ")")));
        }
    }

    static final Duration LONG = Duration.ofSeconds(30);
}
