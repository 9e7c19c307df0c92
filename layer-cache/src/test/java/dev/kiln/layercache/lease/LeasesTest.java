package dev.kiln.layercache.lease;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LeasesTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Digest A = Digest.sha256(new byte[]{1});
    private static final Digest B = Digest.sha256(new byte[]{2});
    @TempDir
    Path root;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void hold_untilClosed_thenFree() throws IOException {
        Leases leases = leases();
        Lease one = leases.take("one", HOUR);
        try (Lease two = leases.take("two", HOUR)) {
            one.holdBlobs(List.of(A));
            two.holdBlobs(List.of(A, B));
            two.holdSnapshot("s1");
            assertThat(leases.heldBlobs()).containsExactlyInAnyOrder(A, B);
            assertThat(leases.heldSnapshots()).containsExactly("s1");
        }

        assertThat(leases.heldBlobs()).containsExactly(A);
        assertThat(leases.heldSnapshots()).isEmpty();
        one.close();
        one.close();
        assertThat(leases.heldBlobs()).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void hold_afterRestart_goesOnUntilItExpires() throws IOException {
        Lease lease = leases().take("build 17/1", HOUR);
        lease.holdBlobs(List.of(A, B));
        lease.holdSnapshot("s1");

        Leases next = leases();
        assertThat(next.heldBlobs()).containsExactlyInAnyOrder(A, B);
        assertThat(next.heldSnapshots()).containsExactly("s1");

        now = now.plus(HOUR);
        assertThat(next.heldBlobs()).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void renew_movesTheEnd() throws IOException {
        Leases leases = leases();
        Lease lease = leases.take("one", HOUR);
        lease.holdBlobs(List.of(A));
        now = now.plus(Duration.ofMinutes(59));

        lease.renew(HOUR);

        now = now.plus(Duration.ofMinutes(59));
        assertThat(leases.heldBlobs()).containsExactly(A);
        assertThat(lease.expires()).isEqualTo(Instant.parse("2026-01-01T01:59:00Z"));
    }

    @Test
    void use_afterExpiry_refused() throws IOException {
        Leases leases = leases();
        Lease lease = leases.take("one", HOUR);
        now = now.plus(HOUR);

        assertThatThrownBy(() -> lease.holdBlobs(List.of(A))).isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("has ended");
        assertThatThrownBy(() -> lease.renew(HOUR)).isInstanceOf(IllegalStateException.class);
        lease.close();
        leases.take("one", HOUR).holdBlobs(List.of(A));
        assertThat(leases.heldBlobs()).containsExactly(A);
    }

    @Test
    void take_nameInUse_refusedHereAndContinuedAfterRestart() throws IOException {
        Leases leases = leases();
        leases.take("one", HOUR).holdBlobs(List.of(A));

        assertThatThrownBy(() -> leases.take("one", HOUR)).isInstanceOf(IllegalStateException.class);

        Leases next = leases();
        next.take("one", HOUR).holdBlobs(List.of(B));
        assertThat(next.heldBlobs()).containsExactlyInAnyOrder(A, B);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u0000"})
    void take_badName_refused(String name) throws IOException {
        Leases leases = leases();

        assertThatThrownBy(() -> leases.take(name, HOUR)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void open_damagedFile_removedOthersKept() throws IOException {
        Leases leases = leases();
        leases.take("one", HOUR).holdBlobs(List.of(A));
        Path one = files().getFirst();
        leases.take("two", HOUR).holdBlobs(List.of(B));
        byte[] bytes = Files.readAllBytes(one);
        bytes[10] ^= 1;
        Files.delete(one);
        Files.write(one, bytes);
        Files.write(one.resolveSibling("empty"), new byte[0]);

        assertThat(leases().heldBlobs()).containsExactly(B);
        assertThat(files()).hasSize(1);
    }

    private Leases leases() throws IOException {
        return Leases.open(root, () -> now);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(root.resolve("leases"))) {
            return all.toList();
        }
    }
}
