package dev.kiln.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import dev.kiln.dockerfile.lex.LexedFile;
import dev.kiln.dockerfile.lex.Lexer;
import dev.kiln.dockerfile.stage.GlobalArguments;
import dev.kiln.dockerfile.stage.Stage;
import dev.kiln.dockerfile.stage.StageGraph;

/** How long a file of 5,000 instructions of all common kinds takes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ParseBenchmark {

    private static final int INSTRUCTIONS = 5_000;
    private static final String TEN = """
            # a stage
            FROM base:$VERSION AS stage%1$d
            ARG TARGETARCH
            ENV PATH=/opt/%1$d/bin:$PATH "GREETING=hello world"
            RUN --mount=type=cache,target=/root/.cache apt-get update && \\
                apt-get install -y --no-install-recommends gcc make && \\
                # not the documentation
                rm -rf /usr/share/doc
            WORKDIR /src/%1$d
            COPY --chown=1000:1000 --exclude=*.o src include ./
            RUN <<EOF
            make -j"$(nproc)"
            make install DESTDIR=/out
            EOF
            LABEL org.example.stage="%1$d" org.example.arch="${TARGETARCH:-amd64}"
            EXPOSE 8080/tcp
            ENTRYPOINT ["/out/bin/server", "--port", "8080"]
            """;

    private byte[] file = {};

    @Setup
    public void write() {
        StringBuilder text = new StringBuilder("ARG VERSION=1\n");
        for (int i = 0; i < INSTRUCTIONS / 10; i++) {
            text.append(TEN.formatted(i));
        }
        file = text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Text to raw instructions. */
    @Benchmark
    public LexedFile lex() {
        return Lexer.lex(file);
    }

    /** Text to typed instructions. */
    @Benchmark
    public Dockerfile parse() {
        return DockerfileParser.parse(file);
    }

    /** Text to the stages that the target needs. */
    @Benchmark
    public Stage resolve() {
        Dockerfile parsed = DockerfileParser.parse(file);
        StageGraph graph = StageGraph.of(parsed.stages(), GlobalArguments.evaluate(parsed.globalArguments(), Map.of(),
                Map.of(), parsed.expander()), parsed.expander());
        return graph.needed(graph.target(Optional.empty())).getLast();
    }
}
