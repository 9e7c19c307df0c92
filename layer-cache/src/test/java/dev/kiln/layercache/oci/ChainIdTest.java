package dev.kiln.layercache.oci;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChainIdTest {
    private static final Digest A = Digest.sha256(new byte[]{1});
    private static final Digest B = Digest.sha256(new byte[]{2});
    private static final Digest C = Digest.sha256(new byte[]{3});

    @Test
    void of_oneLayer_isItsDiffId() {
        assertThat(ChainId.of(List.of(A)).digest()).isEqualTo(A);
    }

    @Test
    void of_threeLayers_hashesFromTheBottom() {
        Digest two = Digest.sha256((A + " " + B).getBytes(StandardCharsets.UTF_8));
        Digest three = Digest.sha256((two + " " + C).getBytes(StandardCharsets.UTF_8));

        assertThat(ChainId.of(List.of(A, B, C)).digest()).isEqualTo(three);
        assertThat(ChainId.ofBottom(A).with(B).with(C)).isEqualTo(ChainId.of(List.of(A, B, C)));
    }

    @Test
    void of_nothing_refused() {
        assertThatThrownBy(() -> ChainId.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
