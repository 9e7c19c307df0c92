package dev.kiln.layercache.context;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ContextListingTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000, 17);

    static ContextEntry.File file(String name, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        return new ContextEntry.File(RawPath.ofUtf8(name), 0644, TIME, bytes.length, Digest.sha256(bytes));
    }

    static ContextEntry.Directory directory(String name) {
        return new ContextEntry.Directory(RawPath.ofUtf8(name), 01777, TIME);
    }

    private static final List<ContextEntry> ENTRIES = List.of(file("a", "1"), directory("b"), file("b/x", ""),
            new ContextEntry.Link(RawPath.ofUtf8("b/y"), Instant.ofEpochSecond(-5), RawPath.ofUtf8("../../etc")),
            file("b.c", "2"), file("\u00e4", "1"));

    @Test
    void read_whatBytesGave_isTheSame() throws Exception {
        ContextListing listing = ContextListing.of(ENTRIES);
        ContextListing read = ContextListing.read(listing.bytes(), ExtractLimits.CONTEXT);

        assertThat(read.entries()).isEqualTo(ENTRIES);
        assertThat(read.digest()).isEqualTo(listing.digest());
    }

    @Test
    void read_cutOrChangedAnywhere_isRefusedOrAnother() throws Exception {
        ContextListing listing = ContextListing.of(ENTRIES);
        byte[] bytes = listing.bytes();
        Random random = new Random(7);
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) (1 << random.nextInt(8));
            assertAnother(changed, listing);
            assertAnother(Arrays.copyOf(bytes, i), listing);
        }
    }

    private static void assertAnother(byte[] bytes, ContextListing listing) {
        try {
            assertThat(ContextListing.read(bytes, ExtractLimits.CONTEXT).digest()).isNotEqualTo(listing.digest());
        } catch (LayerException e) {
            assertThat(e).hasMessageContaining("listing of a context");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a/", "a//b", ".", "..", "a/..", "a/../b", "./a"})
    void read_nameThatIsNotPlain_isRefused(String name) {
        byte[] bytes = ListingCodec.encode(List.of(directory("a"), file(name, "x")));
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> ContextListing.read(bytes, ExtractLimits.CONTEXT))
            .satisfies(e -> assertThat(e.code()).isEqualTo(LayerException.Code.ESCAPES_ROOT));
    }

    @Test
    void of_noWalk_isRefused() {
        assertNoWalk(file("b", ""), file("a", ""));
        assertNoWalk(file("a", ""), file("a", ""));
        assertNoWalk(file("a", ""), file("a/b", ""));
        assertNoWalk(file("a/b", ""));
        assertNoWalk(new ContextEntry.Link(RawPath.ofUtf8("a"), TIME, RawPath.ofUtf8("/")), file("a/b", ""));
        assertNoWalk(directory("a"), file("b", ""), file("a/c", ""));
        assertNoWalk(directory("a"), directory("a.b"), file("a/c", ""));
    }

    private static void assertNoWalk(ContextEntry... entries) {
        assertThatIllegalArgumentException().isThrownBy(() -> ContextListing.of(List.of(entries)));
    }

    @Test
    void read_sizeThatDoesNotGoWithTheDigest_isRefused() {
        ContextEntry.File one = file("a", "x");
        for (ContextEntry.File wrong : List.of(
                new ContextEntry.File(RawPath.ofUtf8("b"), 0644, TIME, 2, one.data()),
                new ContextEntry.File(RawPath.ofUtf8("b"), 0644, TIME, 0, Digest.sha256(new byte[]{1})),
                new ContextEntry.File(RawPath.ofUtf8("b"), 0644, TIME, 1, Digest.sha256(new byte[0])))) {
            byte[] bytes = ListingCodec.encode(List.of(one, wrong));
            assertThatExceptionOfType(LayerException.class)
                .isThrownBy(() -> ContextListing.read(bytes, ExtractLimits.CONTEXT));
        }
    }

    @Test
    void read_moreThanTheLimits_isRefused() {
        List<ContextEntry> many = new ArrayList<>();
        for (int i = 100; i < 200; i++) {
            many.add(file("f" + i, "x"));
        }
        byte[] bytes = ContextListing.of(many).bytes();
        for (ExtractLimits limits : List.of(ExtractLimits.CONTEXT.withEntries(99), ExtractLimits.CONTEXT.withBytes(99),
                new ExtractLimits(1000, 1000, 3, 1, 1000), new ExtractLimits(1000, 1000, 100, 1, 300))) {
            assertThatExceptionOfType(LayerException.class).isThrownBy(() -> ContextListing.read(bytes, limits))
                .satisfies(e -> assertThat(e.code()).isEqualTo(LayerException.Code.TOO_LARGE));
        }
    }
}
