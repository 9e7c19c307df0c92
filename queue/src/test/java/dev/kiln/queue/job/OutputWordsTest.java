package dev.kiln.queue.job;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.Samples;
import dev.kiln.queue.job.Annotation.On;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OutputWordsTest {
    private static final String EVERYTHING = "type=image,\"name=app:1,registry.example/team/app:2\",push=true,"
            + "push-by-digest=true,unpack=false,store=false,compression=zstd,compression-level=19,"
            + "force-compression=true,rewrite-timestamp=1,squash=t,annotation.a=1,annotation-index.b=2,"
            + "annotation-manifest[linux/arm64].c=3,annotation[linux/amd64].d=4,annotation-index-descriptor.e=5,"
            + "annotation-manifest-descriptor.f=x=y";

    private static Output.Image image(String text) {
        return (Output.Image) OutputWords.parse(text).toOutput();
    }

    @Test
    void image_allWords_areUnderstood() {
        Output.Image image = image(EVERYTHING);

        assertThat(image.names()).containsExactly(ImageReference.parse("app:1"),
                ImageReference.parse("registry.example/team/app:2"));
        assertThat(image.push()).isEqualTo(Output.Push.DIGEST);
        assertThat(image.form().compression())
            .contains(new LayerCompression(LayerCompression.Kind.ZSTD, OptionalInt.of(19)));
        assertThat(image.form().forceCompression()).isTrue();
        assertThat(image.form().ociMediaTypes()).isTrue();
        assertThat(image.form().rewriteTimestamp()).isTrue();
        assertThat(image.form().squash()).isTrue();
        assertThat(image.form().annotations()).containsExactlyInAnyOrder(annotation(On.MANIFEST, "a", "1"),
                annotation(On.INDEX, "b", "2"),
                new Annotation(On.MANIFEST, Optional.of(Platform.parse("linux/arm64")), "c", "3"),
                new Annotation(On.MANIFEST, Optional.of(Platform.parse("linux/amd64")), "d", "4"),
                annotation(On.INDEX_DESCRIPTOR, "e", "5"), annotation(On.MANIFEST_DESCRIPTOR, "f", "x=y"));
    }

    private static Annotation annotation(On on, String key, String value) {
        return new Annotation(on, Optional.empty(), key, value);
    }

    @Test
    void registry_saysNothing_pushesUnderTags() {
        assertThat(image("type=registry").push()).isEqualTo(Output.Push.TAGS);
        assertThat(image("type=image").push()).isEqualTo(Output.Push.NO);
        assertThat(image("type=oci,name=app:1"))
            .isEqualTo(new Output.Image(List.of(), Output.Push.NO, ImageForm.USUAL));
        assertThat(OutputWords.parse("type=local").toOutput()).isEqualTo(new Output.Files());
    }

    @Test
    void compression_levelOrForceAlone_meansGzip() {
        assertThat(image("type=docker,compression-level=9").form().compression())
            .contains(new LayerCompression(LayerCompression.Kind.GZIP, OptionalInt.of(9)));
        assertThat(image("type=docker,force-compression=true").form().compression())
            .contains(new LayerCompression(LayerCompression.Kind.GZIP, OptionalInt.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            name=a                                     | type is required
            type=moby                                  | type="moby" is not supported; known: image
            type=image,push                            | expected KEY=VALUE
            type=image,push=maybe                      | expected true or false
            type=image,push=true,push=true             | is given twice
            type=image,dest=x                          | unknown word "dest" for type=image; known: annotation.KEY,
            type=image,annotation-moon.a=1             | unknown annotation type "moon"
            type=image,annotation-index[linux/arm64].a=1 | an index is for all platforms
            type=image,annotation-manifest[linux].a=1  | invalid platform
            type=image,push-by-digest=true             | needs push=true
            type=image,store=false                     | kept in the farm
            type=image,unpack=true                     | no store of unpacked images
            type=image,name=a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef | holds a digest
            type=image,registry.insecure=true          | loopback
            type=image,source-date-epoch=1             | --build-arg SOURCE_DATE_EPOCH
            type=image,compression=estargz             | known: uncompressed, gzip, zstd
            type=image,compression=zstd,compression-level=23 | zstd has levels 0 to 22, not 23
            type=image,compression=gzip,compression-level=10 | gzip has levels 0 to 9, not 10
            type=image,compression=gzip,compression-level=-1 | gzip has levels 0 to 9, not -1
            type=image,compression=uncompressed,compression-level=1 | says nothing for uncompressed
            type=image,compression-level=fast          | expected a number
            type=image,compression=zstd,oci-mediatypes=false | conflicts
            type=image,annotation-index.a=1,oci-mediatypes=false | conflict with oci-mediatypes=false
            type=tar,compression=gzip                  | unknown word "compression" for type=tar; known: none
            type=local,mode=copy                       | unknown word "mode" for type=local
            type=oci,push=true                         | unknown word "push" for type=oci
            """)
    void words_wrong_areRefusedByName(String text, String message) {
        assertThatThrownBy(() -> OutputWords.parse(text).toOutput()).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(message);
    }

    @Test
    void annotation_severalTypes_giveSeveral() {
        assertThat(Annotation.parse("index,manifest[linux/amd64]:org.example.Key=a b"))
            .containsExactly(annotation(On.INDEX, "org.example.Key", "a b"),
                    new Annotation(On.MANIFEST, Optional.of(Platform.parse("linux/amd64")), "org.example.Key", "a b"));
        assertThat(Annotation.parse("key=v:w")).containsExactly(annotation(On.MANIFEST, "key", "v:w"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"key", "=v", "index:=v", "moon:k=v", "Index:k=v", "manifest[linux/arm64:k=v", ",:k=v",
        "a b=c"})
    void annotation_wrong_isRefused(String text) {
        assertThatThrownBy(() -> Annotation.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void json_ofAnOutput_readsBackAsItWas() {
        BuildRequest request = Samples.request(Samples.ID)
            .withOutput(new BuildOutput(List.of(ImageReference.parse("app:1")), false,
                    List.of(OutputWords.parse(EVERYTHING).toOutput(), image("type=registry,oci-mediatypes=false"),
                            image("type=docker"), new Output.Files())));

        byte[] json = RequestJson.write(request);

        assertThat(RequestJson.read(json)).isEqualTo(request);
        assertThat(new String(json, StandardCharsets.UTF_8)).contains("""
                {"type":"image","push":"tags","ociMediaTypes":false},{"type":"image"},{"type":"files"}""");
    }

    @Test
    void outputs_whenNoneIsAsked_areTheImageAlone() {
        assertThat(BuildOutput.NONE.all())
            .containsExactly(new Output.Image(List.of(), Output.Push.NO, ImageForm.USUAL));
        BuildOutput pushed = new BuildOutput(List.of(ImageReference.parse("app:1")), true);
        assertThat(pushed.all()).containsExactly(new Output.Image(List.of(), Output.Push.TAGS, ImageForm.USUAL));
        assertThat(pushed.namesOf((Output.Image) pushed.all().getFirst())).isEqualTo(pushed.names());
    }
}
