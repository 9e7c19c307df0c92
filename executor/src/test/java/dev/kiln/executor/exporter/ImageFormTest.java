package dev.kiln.executor.exporter;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.content.InMemoryContentStore;
import dev.kiln.layercache.index.CacheEntry.CachedLayer;
import dev.kiln.layercache.index.InMemoryCacheIndex;
import dev.kiln.layercache.layer.Compression;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerPacker;
import dev.kiln.layercache.layer.Owners;
import dev.kiln.layercache.layer.PackedLayer;
import dev.kiln.layercache.layer.TreeExtractor;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.ImageConfig.History;
import dev.kiln.layercache.oci.ImageConfig.RunConfig;
import dev.kiln.layercache.oci.ImageIndex;
import dev.kiln.layercache.oci.Manifest;
import dev.kiln.layercache.oci.MediaTypes;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.job.Output;
import dev.kiln.queue.job.OutputWords;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What forms make of an image of a base layer and two new ones. */
class ImageFormTest {
    private static final Instant EPOCH = Instant.ofEpochSecond(1_000_000_000);
    private static final Instant MADE = Instant.parse("2024-05-01T00:00:00Z");

    @TempDir
    Path temp;

    private final InMemoryContentStore content = new InMemoryContentStore();
    private final AtomicInteger opened = new AtomicInteger();
    private final BlobReader counting = new BlobReader() {
        @Override
        public OptionalLong size(Digest digest) throws IOException {
            return content.size(digest);
        }

        @Override
        public InputStream open(Digest digest, long offset) throws IOException {
            opened.incrementAndGet();
            return content.open(digest, offset);
        }
    };
    private final LayerPacker packer = new LayerPacker(content, 2);
    private final Map<Digest, Path> directories = new HashMap<>();
    private ImageAssembler assembler = forgetful();
    private BuiltImage built;

    @AfterEach
    void close() {
        packer.close();
    }

    @BeforeEach
    void build() throws IOException {
        CachedLayer base = layer(Optional.empty(), "base", "a", "1");
        List<CachedLayer> layers = List.of(base, layer(Optional.of(MADE), "one", "b", "2"),
                layer(Optional.of(MADE), "two", "b", "3"));
        built = image("linux/amd64", layers, Optional.of(EPOCH));
    }

    /** One that remembers nothing yet. */
    private ImageAssembler forgetful() {
        return new ImageAssembler(
                new LayerForms(packer, counting, layer -> Optional.ofNullable(directories.get(layer.diffId())), content,
                        new InMemoryCacheIndex(), InstantSource.fixed(MADE)));
    }

    private static BuiltImage image(String platform, List<CachedLayer> layers, Optional<Instant> epoch) {
        List<History> history = List.of(new History(Optional.of(EPOCH), "ADD", Optional.empty(), false),
                new History(Optional.of(MADE), "RUN 1", Optional.empty(), false),
                new History(Optional.of(MADE), "ENV x", Optional.empty(), true),
                new History(Optional.of(MADE), "RUN 2", Optional.empty(), false));
        ImageConfig config = new ImageConfig(Platform.parse(platform), Optional.of(MADE), Optional.empty(),
                RunConfig.EMPTY, layers.stream().map(CachedLayer::diffId).toList(), history);
        return new BuiltImage(config, layers, 1, epoch, Map.of());
    }

    private CachedLayer layer(Optional<Instant> made, String directory, String name, String text) throws IOException {
        Path upper = Files.createDirectory(temp.resolve(directory));
        Files.writeString(upper.resolve(name), text);
        Files.setLastModifiedTime(upper.resolve(name), FileTime.from(MADE));
        PackedLayer packed = packer.pack(upper, Compression.GZIP);
        return new CachedLayer(packed.diffId(), packed.blob(), packed.tarSize(), Optional.empty(), made);
    }

    private AssembledImages make(String words) throws Exception {
        return assembler.assemble(BuiltImages.of(built), OutputWords.parse(words).toOutput());
    }

    private static AssembledImage only(AssembledImages images) {
        assertThat(images.index()).isEmpty();
        return images.images().getFirst();
    }

    private static List<String> types(AssembledImages images) {
        return only(images).layers().stream().map(Descriptor::mediaType).toList();
    }

    @Test
    void compression_withoutForce_isOfNewLayersOnly() throws Exception {
        AssembledImages images = make("type=image,compression=zstd");

        assertThat(types(images)).containsExactly(MediaTypes.OCI_LAYER_GZIP, MediaTypes.OCI_LAYER_ZSTD,
                MediaTypes.OCI_LAYER_ZSTD);
        assertThat(only(images).image().layers()).isEqualTo(built.image().layers());
        assertThat(only(images).configBytes()).isEqualTo(only(make("type=image")).configBytes());
    }

    @Test
    void compression_forced_isOfAllLayers() throws Exception {
        assertThat(types(make("type=image,compression=uncompressed,force-compression=true")))
            .containsOnly(MediaTypes.OCI_LAYER);
        assertThat(types(make("type=image,force-compression=true"))).containsOnly(MediaTypes.OCI_LAYER_GZIP);
    }

    @Test
    void compression_asItIs_readsNothing() throws Exception {
        assertThat(make("type=image,compression=gzip").descriptor()).isEqualTo(make("type=image").descriptor());
        assertThat(opened).hasValue(0);
    }

    @Test
    void compression_secondTime_isRemembered() throws Exception {
        AssembledImages first = make("type=image,compression=zstd,compression-level=3");
        int reads = opened.get();
        AssembledImages second = make("type=image,compression=zstd,compression-level=3");

        assertThat(reads).isEqualTo(2);
        assertThat(opened).hasValue(reads);
        assertThat(second.descriptor()).isEqualTo(first.descriptor());
        content.delete(only(first).layers().get(1).digest());
        assertThat(make("type=image,compression=zstd,compression-level=3").descriptor())
            .isEqualTo(first.descriptor());
        assertThat(opened).hasValue(reads + 1);
    }

    @Test
    void compression_filesAreThere_readsNoBlobUnlessTheyAreAnotherTar() throws Exception {
        AssembledImages fromBlobs = make("type=image,compression=zstd");
        int reads = opened.get();
        assembler = forgetful();
        directories.put(built.layers().get(1).diffId(), temp.resolve("one"));
        directories.put(built.layers().get(2).diffId(), temp.resolve("one"));

        assertThat(make("type=image,compression=zstd").descriptor()).isEqualTo(fromBlobs.descriptor());
        assertThat(opened).hasValue(reads + 1);
    }

    @Test
    void compression_blobIsGone_saysSo() throws Exception {
        content.delete(built.layers().get(1).blob().digest());

        assertThatThrownBy(() -> make("type=image,compression=zstd")).isInstanceOfSatisfying(ExportException.class,
                e -> assertThat(e.code()).isEqualTo(ExportException.Code.LAYER));
    }

    @Test
    void compression_layerIsNotWhatItsImageSays_isRefused() throws Exception {
        List<CachedLayer> layers = new ArrayList<>(built.layers());
        CachedLayer wrong = layers.get(1);
        layers.set(1, new CachedLayer(Digest.sha256("other".getBytes(StandardCharsets.UTF_8)), wrong.blob(), 0,
                Optional.empty(), wrong.created()));
        built = image("linux/amd64", layers, Optional.empty());

        assertThatThrownBy(() -> make("type=image,compression=zstd")).hasMessageContaining("as its image says");
    }

    @Test
    void dockersMediaTypes_areOfManifestConfigAndLayers() throws Exception {
        AssembledImages images = make("type=image,oci-mediatypes=false,annotation.a=1");

        assertThat(images.descriptor().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        assertThat(only(images).config().mediaType()).isEqualTo(MediaTypes.DOCKER_CONFIG);
        assertThat(types(images)).containsOnly(MediaTypes.DOCKER_LAYER_GZIP);
    }

    @Test
    void annotations_ofOneImage_standInManifestAndDescriptor() throws Exception {
        AssembledImages images = make("type=image,annotation.a=1,annotation-manifest[linux/amd64].a=2,"
                + "annotation-manifest-descriptor.d=3");

        assertThat(((Manifest) images.top().parse()).annotations()).containsExactly(Map.entry("a", "2"));
        assertThat(images.annotated().annotations()).containsOnly(Map.entry("d", "3"),
                Map.entry("org.opencontainers.image.created", MADE.toString()));
        assertThat(images.annotated().platform()).contains(Platform.parse("linux/amd64"));
    }

    @Test
    void annotations_ofAnIndex_standWhereTheyBelong() throws Exception {
        BuiltImage arm = image("linux/arm64", built.layers(), Optional.empty());
        Output output = OutputWords.parse("type=image,annotation-index.i=1,annotation-index-descriptor.id=2,"
                + "annotation-manifest[linux/arm64].m=3,annotation-manifest-descriptor.md=4")
            .toOutput();

        AssembledImages images = assembler.assemble(new BuiltImages(List.of(built, arm)), output);

        ImageIndex index = (ImageIndex) images.top().parse();
        assertThat(index.annotations()).containsExactly(Map.entry("i", "1"));
        assertThat(images.annotated().annotations()).containsEntry("id", "2");
        assertThat(index.manifests()).allMatch(each -> each.annotations().equals(Map.of("md", "4")));
        assertThat(((Manifest) images.images().get(0).manifest().parse()).annotations()).isEmpty();
        assertThat(((Manifest) images.images().get(1).manifest().parse()).annotations()).containsKey("m");
    }

    @Test
    void rewriteTimestamp_changesNewLayersOnly() throws Exception {
        AssembledImage image = only(make("type=image,rewrite-timestamp=true"));

        assertThat(image.layers().getFirst()).isEqualTo(only(make("type=image")).layers().getFirst());
        assertThat(image.image().layers().subList(1, 3)).doesNotContainAnyElementsOf(built.image().layers());
        Path files = unpack(image.layers().get(1));
        assertThat(Files.getLastModifiedTime(files.resolve("b")).toInstant()).isEqualTo(EPOCH);
    }

    @Test
    void squash_makesOneLayerOfTheNewOnesAndKeepsTheHistory() throws Exception {
        AssembledImage image = only(make("type=image,squash=true"));

        assertThat(image.layers()).hasSize(2);
        assertThat(image.layers().getFirst().digest()).isEqualTo(built.layers().getFirst().blob().digest());
        assertThat(image.image().layers()).hasSize(2);
        assertThat(image.image().history()).extracting(History::createdBy)
            .containsExactly("ADD", "RUN 1", "ENV x", "RUN 2", "squash 2 layers");
        assertThat(image.image().history()).extracting(History::emptyLayer)
            .containsExactly(false, true, true, true, false);
        assertThat(unpack(image.layers().get(1)).resolve("b")).hasContent("3");
    }

    @Test
    void files_areOneLayerOfTheEpoch() throws Exception {
        AssembledImage image = only(make("type=tar"));

        assertThat(image.layers()).hasSize(1);
        Path files = unpack(image.layers().getFirst());
        assertThat(files.resolve("a")).hasContent("1");
        assertThat(files.resolve("b")).hasContent("3");
        assertThat(Files.getLastModifiedTime(files.resolve("a")).toInstant()).isEqualTo(EPOCH);
    }

    @Test
    void files_ofAnImageWithoutLayers_areNone() throws Exception {
        built = new BuiltImage(ImageConfig.empty(Platform.parse("linux/amd64")), List.of(), 0, Optional.empty(),
                Map.of());

        assertThat(unpack(only(make("type=local")).layers().getFirst())).isEmptyDirectory();
    }

    private Path unpack(Descriptor layer) throws IOException {
        Path into = Files.createTempDirectory(temp, "unpacked");
        byte[] bytes = content.open(layer.digest()).readAllBytes();
        new TreeExtractor(ExtractLimits.LAYER, Owners.DROP).extract(new ByteArrayInputStream(bytes), into);
        return into;
    }
}
