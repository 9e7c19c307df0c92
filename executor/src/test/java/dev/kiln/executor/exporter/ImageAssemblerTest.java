package dev.kiln.executor.exporter;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Result;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.InMemoryCacheIndex;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.ImageConfigJson;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.job.ImageForm;
import dev.kiln.queue.job.Output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ImageAssemblerTest {
    private static final Platform LINUX = new Platform("linux", "amd64", Optional.empty());
    private static final Instant OLD = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant FIRST = Instant.parse("2024-05-01T00:00:00.123456789Z");
    private static final Instant SECOND = Instant.parse("2024-05-01T00:01:00Z");
    private static final Output USUAL = new Output.Image(List.of(), Output.Push.NO, ImageForm.USUAL);
    private final InMemoryContentStore content = new InMemoryContentStore();
    private final LayerPacker packer = new LayerPacker(content, 1);
    private final ImageAssembler assembler = new ImageAssembler(
            new LayerForms(packer, content, layer -> Optional.empty(), content, new InMemoryCacheIndex(),
                    InstantSource.fixed(OLD)));

    @AfterEach
    void close() {
        packer.close();
    }

    @Test
    void image_sameInputTwice_hasTheSameDigest() throws Exception {
        ImageConfig image = image(line("ADD", false, OLD), line("ENV", true), line("RUN", false));

        AssembledImage first = assemble(image, result(base('a'), made('b', FIRST)));
        // What comes back from the index has lost what a clock gives beyond milliseconds.
        AssembledImage again = assemble(image,
                result(base('a'), made('b', Instant.parse("2024-05-01T00:00:00.123Z"))));

        assertThat(again.manifest()).isEqualTo(first.manifest());
        assertThat(again.configBytes()).isEqualTo(first.configBytes());
        assertThat(assemble(image, result(base('a'), made('b', SECOND))).manifest())
            .isNotEqualTo(first.manifest());
    }

    @Test
    void image_manifest_namesConfigAndLayers() throws Exception {
        AssembledImage assembled = assemble(image(line("ADD", false, OLD), line("RUN", false)),
                result(base('a'), made('b', FIRST)));

        assertThat(assembled.manifest().parse()).isInstanceOfSatisfying(Manifest.class, manifest -> {
            assertThat(manifest.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
            assertThat(manifest.config().digest()).isEqualTo(Digest.sha256(assembled.configBytes()));
            assertThat(manifest.config().size()).isEqualTo(assembled.configBytes().length);
            assertThat(manifest.layers()).isEqualTo(assembled.layers());
        });
        ImageConfig config = ImageConfigJson.decode(assembled.configBytes());
        assertThat(config.layers()).containsExactly(digest('1', 'a'), digest('1', 'b'));
        assertThat(config.created()).contains(Instant.parse("2024-05-01T00:00:00.123Z"));
    }

    @Test
    void history_linesWithoutLayer_getTheTimeOfTheLayerBeforeOrOfTheFirstNew() throws Exception {
        ImageConfig image = image(line("ADD", false, OLD), line("ENV", true), line("RUN 1", false), line("CMD", true),
                line("RUN 2", false), line("LABEL", true));

        AssembledImage assembled = assemble(image, result(base('a'), made('b', SECOND), made('c',
                SECOND.plusSeconds(5))));

        assertThat(times(assembled)).containsExactly(OLD, SECOND, SECOND, SECOND, SECOND.plusSeconds(5),
                SECOND.plusSeconds(5));
    }

    @Test
    void history_nothingNewButSettings_getsTheTimeOfTheBase() throws Exception {
        AssembledImage assembled = assemble(image(line("ADD", false, OLD), line("ENV", true)),
                result(base('a')));

        assertThat(times(assembled)).containsExactly(OLD, OLD);
        assertThat(assembled.image().created()).contains(OLD);
    }

    @Test
    void history_fixedTimes_stayAsTheyAre() throws Exception {
        AssembledImage assembled = assemble(image(line("RUN", false, OLD), line("ENV", true, OLD)),
                result(made('b', SECOND)));

        assertThat(times(assembled)).containsExactly(OLD, OLD);
        assertThat(assembled.image().created()).contains(OLD);
    }

    @Test
    void history_noTimesAtAll_hasNone() throws Exception {
        AssembledImage assembled = assemble(image(line("pulled", false), line("ENV", true)),
                result(base('a')));

        assertThat(assembled.image().history()).allMatch(line -> line.created().isEmpty());
        assertThat(assembled.image().created()).isEmpty();
    }

    @Test
    void layers_ofDockersType_becomeOcis() throws Exception {
        Descriptor docker = new Descriptor(MediaTypes.DOCKER_LAYER_GZIP, digest('2', 'a'), 7,
                Map.of("containerd.io/uncompressed", "x", "containerd.io/distribution.source.host", "y", "kept", "z"),
                Optional.empty(), Optional.empty());
        CachedLayer layer = new CachedLayer(digest('1', 'a'), docker, 9, Optional.empty(), Optional.empty());

        AssembledImage assembled = assemble(image(line("ADD", false, OLD)), result(layer));

        assertThat(assembled.layers()).singleElement().satisfies(only -> {
            assertThat(only.mediaType()).isEqualTo(MediaTypes.OCI_LAYER_GZIP);
            assertThat(only.digest()).isEqualTo(docker.digest());
            assertThat(only.annotations()).containsOnlyKeys("kept");
        });
    }

    @Test
    void layers_sameBlobTwice_standTwice() throws Exception {
        AssembledImage assembled = assemble(image(line("RUN", false), line("RUN", false)),
                result(made('b', FIRST), made('b', FIRST)));

        assertThat(assembled.layers()).hasSize(2);
        assertThat(assembled.image().layers()).hasSize(2);
    }

    @Test
    void images_forSeveralPlatforms_becomeAnIndexInTheirOrder() throws Exception {
        Platform arm = Platform.parse("linux/arm/v7");
        ImageConfig other = new ImageConfig(arm, Optional.empty(), Optional.empty(), RunConfig.EMPTY, List.of(),
                List.of(line("RUN", false)));
        BuiltImage first = built(other, result(made('b', FIRST)));
        BuiltImage second = built(image(line("RUN", false)), result(made('a', FIRST)));

        AssembledImages assembled = assembler.assemble(new BuiltImages(List.of(first, second)), USUAL);

        assertThat(assembled.descriptor().mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
        assertThat(assembled.top().parse()).isInstanceOfSatisfying(ImageIndex.class, index -> {
            assertThat(index.platforms()).containsExactly(arm, LINUX);
            assertThat(index.manifests()).extracting(Descriptor::digest)
                .containsExactly(assembled.images().get(0).manifest().digest(),
                        assembled.images().get(1).manifest().digest());
        });
    }

    @Test
    void images_twoForOnePlatform_areRefused() throws Exception {
        BuiltImage image = built(image(line("RUN", false)), result(made('a', FIRST)));

        assertThatThrownBy(() -> new BuiltImages(List.of(image, image))).hasMessageContaining("linux/amd64");
    }

    @Test
    void layers_packingFailed_saysSo() {
        Result result = new Result(List.of(new Result.Layer(Optional.of("s"),
                CompletableFuture.failedFuture(new IOException("no space left")))));

        assertThatThrownBy(() -> assemble(image(line("RUN", false)), result))
            .isInstanceOfSatisfying(ExportException.class,
                    e -> assertThat(e.code()).isEqualTo(ExportException.Code.LAYER))
            .hasMessageContaining("no space left");
    }

    private AssembledImage assemble(ImageConfig image, Result result) throws Exception {
        return assembler.assemble(BuiltImages.of(built(image, result)), USUAL).images().getFirst();
    }

    private BuiltImage built(ImageConfig image, Result result) throws Exception {
        GraphBuilder graph = new GraphBuilder();
        return assembler.complete(
                new BuildGraph.Target(graph.source("files", new OpSpec.Scratch()), image, Optional.empty()), result);
    }

    private static List<Instant> times(AssembledImage image) {
        return image.image().history().stream().map(line -> line.created().orElseThrow()).toList();
    }

    private static ImageConfig image(History... history) {
        return new ImageConfig(LINUX, Optional.empty(), Optional.empty(), RunConfig.EMPTY, List.of(),
                List.of(history));
    }

    private static History line(String text, boolean empty, Instant... time) {
        return new History(time.length == 0 ? Optional.empty() : Optional.of(time[0]), text, Optional.empty(), empty);
    }

    private static Digest digest(char kind, char name) {
        return new Digest("sha256", String.valueOf(kind) + String.valueOf(name).repeat(63));
    }

    private static CachedLayer base(char name) {
        return layer(name, Optional.empty());
    }

    private static CachedLayer made(char name, Instant time) {
        return layer(name, Optional.of(time));
    }

    private static CachedLayer layer(char name, Optional<Instant> time) {
        return new CachedLayer(digest('1', name), Descriptor.of(MediaTypes.OCI_LAYER_GZIP, digest('2', name), 5), 10,
                Optional.empty(), time);
    }

    private static Result result(CachedLayer... layers) {
        List<Result.Layer> all = new ArrayList<>();
        for (CachedLayer layer : layers) {
            all.add(Result.Layer.of(layer));
        }
        return new Result(all);
    }
}
