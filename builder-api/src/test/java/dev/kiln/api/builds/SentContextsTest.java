package dev.kiln.api.builds;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.content.DiskContentStore;
import dev.kiln.layercache.context.ContextEntry;
import dev.kiln.layercache.context.ContextLayout;
import dev.kiln.layercache.context.ContextListing;
import dev.kiln.layercache.context.ContextUpload;
import dev.kiln.layercache.context.LayoutFiles;
import dev.kiln.layercache.layer.ExtractLimits;
import dev.kiln.layercache.layer.LayerException;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SentContextsTest {
    @TempDir
    Path directory;
    private DiskContentStore content;
    private SentContexts contexts;

    @BeforeEach
    void start() throws Exception {
        content = DiskContentStore.open(directory);
        contexts = new SentContexts(content, 1 << 20);
    }

    @AfterEach
    void stop() throws Exception {
        content.close();
    }

    private static ContextListing listing(Map<String, String> files) {
        List<ContextEntry> entries = new ArrayList<>();
        new TreeMap<>(files).forEach((name, text) -> {
            byte[] data = text.getBytes(StandardCharsets.UTF_8);
            entries.add(new ContextEntry.File(RawPath.ofUtf8(name), 0644, Instant.EPOCH, data.length,
                    Digest.sha256(data)));
        });
        return ContextListing.of(entries);
    }

    private SentContexts.Answer send(ContextListing listing, Optional<Digest> base, List<Integer> sent, String data)
            throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(new ContextUpload(listing, base, sent).header());
        body.writeBytes(data.getBytes(StandardCharsets.UTF_8));
        return contexts.receive(new ByteArrayInputStream(body.toByteArray()));
    }

    private Digest complete(SentContexts.Answer answer) {
        assertThat(answer).isInstanceOf(SentContexts.Answer.Complete.class);
        return ((SentContexts.Answer.Complete) answer).context().digest();
    }

    private static List<Integer> missing(SentContexts.Answer answer) {
        assertThat(answer).isInstanceOf(SentContexts.Answer.Missing.class);
        return ((SentContexts.Answer.Missing) answer).data();
    }

    private String read(Digest layout, String name) throws Exception {
        ContextLayout read = ContextLayout.read(content.open(layout).readAllBytes(), ExtractLimits.CONTEXT);
        return new String(new LayoutFiles(read, content).read(name, 100).orElseThrow(), StandardCharsets.UTF_8);
    }

    @Test
    void receive_asksForWhatIsMissing_andNoMore() throws Exception {
        ContextListing first = listing(Map.of("a", "one", "b", "two", "c", ""));
        assertThat(missing(send(first, Optional.empty(), List.of(), ""))).containsExactly(0, 1);
        Digest layout = complete(send(first, Optional.empty(), List.of(0, 1), "onetwo"));
        assertThat(read(layout, "b")).isEqualTo("two");
        assertThat(contexts.isWhole(layout)).isTrue();

        ContextListing second = listing(Map.of("a", "one", "b", "three"));
        assertThat(missing(send(second, Optional.empty(), List.of(), ""))).containsExactly(1);
        Digest other = complete(send(second, Optional.empty(), List.of(1), "three"));
        assertThat(read(other, "a") + read(other, "b")).isEqualTo("onethree");
        assertThat(complete(send(first, Optional.empty(), List.of(), ""))).as("the same tree again").isEqualTo(layout);
    }

    @Test
    void receive_afterARestart_theEarlierLayoutHelps() throws Exception {
        Digest layout = complete(send(listing(Map.of("a", "one", "b", "two")), Optional.empty(), List.of(0, 1),
                "onetwo"));
        contexts = new SentContexts(content, 1 << 20);
        ContextListing second = listing(Map.of("a", "one", "b", "three"));

        assertThat(missing(send(second, Optional.empty(), List.of(1), "three"))).containsExactly(0);
        contexts = new SentContexts(content, 1 << 20);
        assertThat(read(complete(send(second, Optional.of(layout), List.of(1), "three")), "a")).isEqualTo("one");
    }

    @Test
    void receive_packIsGone_asksForItsDataAgain() throws Exception {
        ContextListing listing = listing(Map.of("a", "one"));
        Digest layout = complete(send(listing, Optional.empty(), List.of(0), "one"));
        content.delete(Digest.sha256("one".getBytes(StandardCharsets.UTF_8)));

        assertThat(contexts.isWhole(layout)).isFalse();
        assertThat(missing(send(listing, Optional.of(layout), List.of(), ""))).containsExactly(0);
        assertThat(read(complete(send(listing, Optional.empty(), List.of(0), "one")), "a")).isEqualTo("one");
    }

    @Test
    void receive_manySmallChanges_endInFewPacks() throws Exception {
        Map<String, String> files = new TreeMap<>();
        Digest layout = null;
        for (int i = 0; i < 3 * ContextLayout.MAX_PACKS; i++) {
            files.put("f" + (1000 + i), "data " + i);
            ContextListing listing = listing(files);
            layout = sendAll(listing, Optional.ofNullable(layout));
        }
        assertThat(ContextLayout.packsOf(content.open(layout)).orElseThrow())
            .hasSizeLessThanOrEqualTo(ContextLayout.MAX_PACKS);
        assertThat(read(layout, "f1000") + read(layout, "f1150")).isEqualTo("data 0data 150");
    }

    /** As a client does it. */
    private Digest sendAll(ContextListing listing, Optional<Digest> base) throws Exception {
        SentContexts.Answer answer = send(listing, base, List.of(), "");
        for (int tries = 0; tries < 2 && answer instanceof SentContexts.Answer.Missing(List<Integer> wanted); tries++) {
            StringBuilder data = new StringBuilder();
            wanted.forEach(number -> data.append("data ").append(number));
            answer = send(listing, base, wanted, data.toString());
        }
        return complete(answer);
    }

    @Test
    void receive_otherBytesThanAnnounced_keepsNothing() {
        ContextListing listing = listing(Map.of("a", "one"));
        for (String wrong : List.of("xxx", "on", "onee", "")) {
            assertThatExceptionOfType(LayerException.class)
                .isThrownBy(() -> send(listing, Optional.empty(), List.of(0), wrong));
        }
        assertThatExceptionOfType(LayerException.class)
            .isThrownBy(() -> send(listing(Map.of("a", "x".repeat((1 << 20) + 1))), Optional.empty(), List.of(), ""))
            .satisfies(e -> assertThat(e.code()).isEqualTo(LayerException.Code.TOO_LARGE));
    }
}
