package dev.kiln.layercache.context;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;

import dev.kiln.layercache.content.BlobReader;
import dev.kiln.layercache.context.ContextLayout.Place;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

import static dev.kiln.layercache.context.ContextListingTest.directory;
import static dev.kiln.layercache.context.ContextListingTest.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ContextLayoutTest {
    private static final ContextListing LISTING = ContextListing.of(List.of(file("a", "one"), directory("d"),
            file("d/b", "two"), file("d/c", "one"), file("e", ""),
            new ContextEntry.Link(RawPath.ofUtf8("link"), java.time.Instant.EPOCH, RawPath.ofUtf8("d/b"))));

    /** Blobs in memory, wrong where a test wants them so. */
    private static final class Blobs implements BlobReader {
        private final Map<Digest, byte[]> blobs = new HashMap<>();

        Digest put(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            blobs.put(Digest.sha256(bytes), bytes);
            return Digest.sha256(bytes);
        }

        @Override
        public OptionalLong size(Digest digest) {
            return blobs.containsKey(digest) ? OptionalLong.of(blobs.get(digest).length) : OptionalLong.empty();
        }

        @Override
        public InputStream open(Digest digest, long offset) throws IOException {
            InputStream in = new ByteArrayInputStream(blobs.get(digest));
            in.skipNBytes(offset);
            return in;
        }
    }

    private static Digest of(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static ContextLayout layout(Digest pack, long size, long one, long two) {
        return new ContextLayout(LISTING, Map.of(pack, size),
                Map.of(of("one"), new Place(pack, one, 3), of("two"), new Place(pack, two, 3)));
    }

    @Test
    void read_whatBytesGave_isTheSame() throws Exception {
        ContextLayout layout = layout(of("onetwo"), 6, 0, 3);
        ContextLayout read = ContextLayout.read(layout.bytes(), ExtractLimits.CONTEXT);

        assertThat(read.listing().digest()).isEqualTo(LISTING.digest());
        assertThat(read.packs()).isEqualTo(layout.packs());
        assertThat(read.places()).isEqualTo(layout.places());
        assertThat(ContextLayout.packsOf(new ByteArrayInputStream(layout.bytes()))).hasValue(layout.packs());
        assertThat(ContextLayout.packsOf(new ByteArrayInputStream(new byte[600]))).isEmpty();
    }

    @Test
    void read_placeOutsideItsPackOrMoreOrLess_isRefused() {
        assertRefused(layout(of("onetwo"), 5, 0, 3).bytes());
        assertRefused(layout(of("onetwo"), 6, -1, 3).bytes());
        byte[] bytes = layout(of("onetwo"), 6, 0, 3).bytes();
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(java.util.Arrays.copyOf(bytes, length));
        }
        assertRefused(java.util.Arrays.copyOf(bytes, bytes.length + 1));
    }

    private static void assertRefused(byte[] bytes) {
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> ContextLayout.read(bytes, ExtractLimits.CONTEXT));
    }

    @Test
    void readFile_followsLinksAndKnowsWhatIsThere() throws Exception {
        Blobs blobs = new Blobs();
        LayoutFiles files = new LayoutFiles(layout(blobs.put("onetwo"), 6, 0, 3), blobs);

        assertThat(files.read("a", 10)).hasValueSatisfying(data -> assertThat(data).asString().isEqualTo("one"));
        assertThat(files.read("link", 10)).hasValueSatisfying(data -> assertThat(data).asString().isEqualTo("two"));
        assertThat(files.read("e", 10)).hasValueSatisfying(data -> assertThat(data).isEmpty());
        assertThat(files.read("d", 10)).isEmpty();
        assertThat(files.read("none", 10)).isEmpty();
        assertThatExceptionOfType(LayerException.class).isThrownBy(() -> files.read("a", 2));
    }

    @Test
    void readPack_somethingElseLiesThere_isRefused() {
        Blobs blobs = new Blobs();
        ContextLayout layout = layout(blobs.put("xxxtwoone"), 9, 0, 3);
        List<Digest> ended = new ArrayList<>();

        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> new PackReader(blobs).read(layout, List.of(of("two"), of("one")), sink(ended)))
            .satisfies(e -> assertThat(e.code()).isEqualTo(LayerException.Code.CORRUPT));
        assertThat(ended).isEmpty();
    }

    private static PackReader.Sink sink(List<Digest> ended) {
        return new PackReader.Sink() {
            @Override
            public void begin(Digest data, long size) {
                // told at the end
            }

            @Override
            public void bytes(byte[] buffer, int length) {
                // told at the end
            }

            @Override
            public void end(Digest data) {
                ended.add(data);
            }
        };
    }

    @Test
    void upload_readsWhatWasWritten_andRefusesNumbersThatAreNot() throws Exception {
        ContextUpload upload = new ContextUpload(LISTING, java.util.Optional.of(of("base")), List.of(0, 1));
        ContextUpload read = ContextUpload.read(new ByteArrayInputStream(upload.header()), ExtractLimits.CONTEXT, 1000);
        assertThat(read.listing().digest()).isEqualTo(LISTING.digest());
        assertThat(read.base()).hasValue(of("base"));
        assertThat(read.sent()).containsExactly(0, 1);
        for (List<Integer> wrong : List.of(List.of(0, 0), List.of(1, 0), List.of(2), List.of(-1), List.of(0, 1, 2))) {
            byte[] header = new ContextUpload(LISTING, java.util.Optional.empty(), wrong).header();
            assertThatExceptionOfType(LayerException.class).isThrownBy(
                    () -> ContextUpload.read(new ByteArrayInputStream(header), ExtractLimits.CONTEXT, 1000));
        }
    }
}
