package dev.kiln.executor.worker;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.Samples;
import dev.kiln.queue.event.BuildEvent.Reason;
import dev.kiln.queue.job.BuildOptions;
import dev.kiln.queue.job.BuildOutput;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.OutputWords;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is refused before a step runs. */
class BuildOutputsTest {

    private static BuildRequest request(String words) {
        return Samples.request(Samples.ID)
            .withOutput(new BuildOutput(List.of(), false, List.of(OutputWords.parse(words).toOutput())));
    }

    private static BuildGraph graph(Optional<Instant> epoch, String... platforms) {
        Vertex files = new GraphBuilder().source("FROM scratch", new OpSpec.Scratch());
        List<BuildGraph.Target> targets = Arrays.stream(platforms)
            .map(platform -> new BuildGraph.Target(files, ImageConfig.empty(Platform.parse(platform)), epoch))
            .toList();
        return new BuildGraph(targets, List.of(files), List.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            type=image,annotation-index.a=1                       | for an index
            type=oci,annotation-index-descriptor.a=1              | for an index
            type=image,annotation-manifest[linux/arm64].a=1       | for linux/arm64, and the build is for linux/amd64
            type=image,rewrite-timestamp=true                     | SOURCE_DATE_EPOCH
            """)
    void output_thatCannotBeMade_isRefused(String words, String message) {
        assertThatThrownBy(() -> BuildOutputs.check(request(words), graph(Optional.empty(), "linux/amd64")))
            .isInstanceOfSatisfying(BuildFailed.class, e -> {
                assertThat(e.reason()).isEqualTo(Reason.INVALID);
                assertThat(e.message()).contains(message);
            });
    }

    @Test
    void squash_withAnInlineCache_isRefused() {
        BuildRequest request = request("type=image,squash=true")
            .withOptions(new BuildOptions(Optional.empty(), List.of(), Map.of("BUILDKIT_INLINE_CACHE", "1"), Map.of(),
                    BuildOptions.NONE.cache()));

        assertThatThrownBy(() -> BuildOutputs.check(request, graph(Optional.empty(), "linux/amd64")))
            .hasMessageContaining("inline cache");
    }

    @Test
    void outputs_thatCanBeMade_pass() {
        assertThatCode(() -> BuildOutputs.check(
                request("type=image,annotation-index.a=1,annotation-manifest[linux/arm64].b=2,rewrite-timestamp=true"),
                graph(Optional.of(Instant.EPOCH), "linux/amd64", "linux/arm64")))
            .doesNotThrowAnyException();
    }
}
