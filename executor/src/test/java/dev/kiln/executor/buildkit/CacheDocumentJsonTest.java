package dev.kiln.executor.buildkit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.buildkit.CacheDocument.Entry;
import dev.kiln.executor.buildkit.CacheDocument.Found;
import dev.kiln.executor.buildkit.CacheDocument.Layer;
import dev.kiln.executor.buildkit.CacheDocument.Link;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CacheDocumentJsonTest {
    private static final Digest A = CacheKeys.digest("a");
    private static final Digest B = CacheKeys.digest("b");
    private static final String DIGEST = A.toString();

    @Test
    void document_writtenAndRead_isTheSame() {
        CacheDocument cache = new CacheDocument(List.of(new Layer(A, -1), new Layer(B, 0)),
                List.of(new Entry(A, List.of(), List.of()),
                        new Entry(B, List.of(List.of(new Link(0, "sha256:x"), new Link(1, ""))),
                                List.of(new Found(List.of(0, 1), Optional.of(Instant.ofEpochSecond(1_700_000_000)))))));
        assertThat(CacheDocumentJson.read(CacheDocumentJson.write(cache))).isEqualTo(cache);
        assertThat(CacheDocumentJson.readInline(CacheDocumentJson.writeInline(cache), List.of(A, B))).isEqualTo(cache);
    }

    @Test
    void document_nullsAndUnknownFields_arePassedOver() {
        assertThat(read("{\"layers\":null,\"records\":[{\"digest\":\"" + DIGEST + "\",\"later\":1}]}").entries())
            .containsExactly(new Entry(A, List.of(), List.of()));
    }

    @Test
    void document_chain_isReadInItsOrder() {
        CacheDocument cache = read("{\"layers\":[{\"blob\":\"" + DIGEST + "\",\"parent\":-1},{\"blob\":\"" + DIGEST
                + "\",\"parent\":-1}],\"records\":[{\"digest\":\"" + DIGEST + "\",\"chains\":[{\"layers\":[1,0]}]}]}");
        assertThat(cache.entries().getFirst().results()).containsExactly(new Found(List.of(1, 0), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            [                                                              | not JSON
            {"layers":{}}                                                  | layers is no list
            {"layers":[{"blob":"x"}]}                                      | digest
            {"layers":[{"blob":"D","parent":1}]}                           | lies on one that is not there
            {"layers":[{"blob":"D","parent":-2}]}                          | lies on one that is not there
            {"layers":[{"blob":"D"}],"records":[{"digest":"D","layers":[{"layer":0}]}]} | more than 500
            {"records":[{"digest":"D","layers":[{"layer":0}]}]}            | a layer that is not there
            {"records":[{"digest":"D","chains":[{"layers":[0]}]}]}         | a layer that is not there
            {"records":[{"digest":"D","inputs":[[{"link":1}]]}]}           | from one that is not there
            {"records":[{"digest":"D","inputs":[[{"link":-1}]]}]}          | from one that is not there
            {"records":[{"digest":"D","inputs":[{"link":0}]}]}             | no list
            {"records":[{"layers":[]}]}                                    | digest
            """)
    void document_malformed_isRefused(String json, String problem) {
        assertThatThrownBy(() -> read(json.replace("D", DIGEST))).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(problem);
    }

    @Test
    void document_tooLarge_isRefused() {
        assertThatThrownBy(() -> CacheDocumentJson.read(new byte[CacheDocumentJson.MAX_BYTES + 1]))
            .hasMessageContaining("larger than");
    }

    private static CacheDocument read(String json) {
        return CacheDocumentJson.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
