package dev.kiln.executor.frontend;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DockerfileFrontendTest {
    private static final String FILE = "FROM plain\nARG V\nCOPY a b\nRUN make\nENV X=1\n";

    private static FrontendOptions options(Map<String, String> buildArgs, Map<String, String> labels) {
        OpSpec.Context files = new OpSpec.Context(KnownImages.digest('f'), 1);
        return new FrontendOptions(
                new FrontendOptions.Contexts(new ContextSpec.Uploaded(files.archive(), files.size()),
                        new ContextSource.Files(files), Map.of(), Optional.empty()),
                Optional.empty(), buildArgs, labels,
                new FrontendOptions.Platforms(Platform.parse("linux/amd64"), List.of()),
                FrontendOptions.Steps.on(OpSpec.Network.DEFAULT), FrontendOptions.NoCache.NONE);
    }

    private static BuildGraph translate(String file, Map<String, String> buildArgs, Map<String, String> labels)
            throws Exception {
        return new DockerfileFrontend(new KnownImages(), new KnownRemotes()).translate(DockerfileParser.parse(file),
                options(buildArgs, labels))
            .graph();
    }

    private static Digest target(Map<String, String> buildArgs, Map<String, String> labels) throws Exception {
        return translate(FILE, buildArgs, labels).target().digest();
    }

    @Test
    void graph_sameInputTwice_isTheSame() throws Exception {
        BuildGraph first = translate(FILE, Map.of("V", "1"), Map.of("l", "1"));
        BuildGraph second = translate(FILE, Map.of("V", "1"), Map.of("l", "1"));

        assertThat(second.vertices()).extracting(Vertex::digest)
            .isEqualTo(first.vertices()
                .stream()
                .map(Vertex::digest)
                .toList());
        assertThat(second.image()).isEqualTo(first.image());
    }

    @Test
    void definition_changesWithWhatStepsSee_andWithNothingElse() throws Exception {
        Digest plain = target(Map.of(), Map.of());

        assertThat(target(Map.of("V", "1"), Map.of())).isNotEqualTo(plain);
        assertThat(target(Map.of("HTTP_PROXY", "http://p", "UNKNOWN", "x"), Map.of("l", "1"))).isEqualTo(plain);
    }

    @Test
    @Timeout(20)
    void images_areLookedUpAtTheSameTime() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        KnownImages known = new KnownImages();
        BaseImages images = (reference, platform) -> {
            try {
                both.await();
            } catch (BrokenBarrierException e) {
                throw new IllegalStateException(e);
            }
            return known.resolve(reference, platform);
        };

        BuildGraph graph = new DockerfileFrontend(images, new KnownRemotes()).translate(
                DockerfileParser.parse("FROM app AS a\nFROM plain\nCOPY --from=a / /\n"),
                options(Map.of(), Map.of()))
            .graph();

        assertThat(graph.vertices()).hasSize(3);
    }

    @Test
    @Timeout(20)
    void translate_interrupted_endsTheLookUps() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<String> lookUp = new CompletableFuture<>();
        BaseImages images = (reference, platform) -> {
            started.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                lookUp.complete("ended");
            }
            throw new AssertionError();
        };
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread build = Thread.ofVirtual().start(() -> {
            try {
                new DockerfileFrontend(images, new KnownRemotes()).translate(DockerfileParser.parse("FROM plain"),
                        options(Map.of(), Map.of()));
            } catch (Throwable e) {
                outcome.complete(e);
            }
        });
        started.await();
        build.interrupt();

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(lookUp).isCompletedWithValue("ended");
    }

    @Test
    @Timeout(60)
    void translate_thousandsOfInstructions_isDoneSoon() throws Exception {
        StringBuilder file = new StringBuilder("FROM plain AS s0\n");
        for (int i = 1; i < 5000; i++) {
            file.append(i % 3 == 0 ? "RUN step " + i : i % 3 == 1 ? "ENV E" + i % 100 + "=" + i : "WORKDIR /d" + i);
            file.append('\n');
        }
        for (int i = 1; i < 300; i++) {
            file.append("FROM s").append(i - 1).append(" AS s").append(i).append('\n');
        }

        assertThat(translate(file.toString(), Map.of(), Map.of()).vertices()).hasSize(1 + 1666 + 1666);
    }

    @Test
    void translate_textThatGrowsWithoutEnd_isRefused() {
        StringBuilder file = new StringBuilder("FROM plain\nENV A=" + "x".repeat(50_000) + "\n");
        file.append("ENV B=$A$A$A$A$A$A$A$A\n");
        file.append("RUN $B\n".repeat(1000));

        refused(file.toString());
    }

    @Test
    void translate_settingsCopiedWithoutEnd_isRefused() {
        StringBuilder file = new StringBuilder("FROM plain AS s0\n");
        for (int i = 0; i < 10_000; i++) {
            file.append("ENV E").append(i).append("=1\n");
        }
        for (int i = 1; i < 500; i++) {
            file.append("FROM s").append(i - 1).append(" AS s").append(i).append('\n');
        }

        refused(file.toString());
    }

    private static void refused(String file) {
        assertThatThrownBy(() -> translate(file, Map.of(), Map.of()))
            .isInstanceOfSatisfying(FrontendException.class,
                    e -> assertThat(e.code()).isEqualTo(FrontendException.Code.INVALID))
            .hasMessageContaining("repeat more");
    }
}
