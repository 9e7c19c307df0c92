package dev.kiln.layercache.content;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.lease.GracedContent;
import dev.kiln.layercache.lease.Item;
import dev.kiln.layercache.lease.Leases;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PartialBlobTest {
    private static final byte[] BYTES = new byte[500_000];

    static {
        new Random(1).nextBytes(BYTES);
    }

    @TempDir
    Path root;
    private DiskContentStore store;
    private Path file;

    @BeforeEach
    void open() throws IOException {
        store = DiskContentStore.open(root);
        file = root.resolve("part");
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "sha512"})
    void partial_goneOnWith_isTheBlobOfAllBytes(String algorithm) throws IOException {
        Digest digest = new Digest(algorithm, "0".repeat(algorithm.equals("sha256") ? 64 : 128)).ofSame(BYTES);
        try (PartialBlob first = store.partial(file, algorithm, 0)) {
            first.write(BYTES, 0, 200_000);
            first.sync();
            first.write(new byte[1000]);
            first.suspend();
        }
        assertThat(file).hasSize(201_000);

        try (PartialBlob second = store.partial(file, algorithm, 200_000)) {
            assertThat(second.written()).isEqualTo(200_000);
            second.write(BYTES, 200_000, 300_000);
            assertThat(second.commit(Optional.of(digest))).isEqualTo(digest);
        }

        assertThat(file).doesNotExist();
        Path blob = store.checkedFile(digest).orElseThrow();
        assertThat(blob).hasBinaryContent(BYTES);
        assertThat(Files.getPosixFilePermissions(blob)).doesNotContain(PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void close_withoutCommit_removesTheFile() throws IOException {
        try (PartialBlob partial = store.partial(file, "sha256", 0)) {
            partial.write(BYTES);
        }

        assertThat(file).doesNotExist();
    }

    @Test
    void commit_ofOtherBytes_leavesNothing() throws IOException {
        try (PartialBlob partial = store.partial(file, "sha256", 0)) {
            partial.write(BYTES, 0, 10);
            assertThatExceptionOfType(ContentException.class)
                .isThrownBy(() -> partial.commit(Optional.of(Digest.sha256(BYTES))))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ContentException.Code.DIGEST_MISMATCH));
        }

        assertThat(file).doesNotExist();
        store.forEach(blob -> assertThat(blob).isNull());
    }

    @Test
    void partial_ofAFileThatIsTooShort_isRefused() throws IOException {
        Files.write(file, new byte[9]);

        assertThatExceptionOfType(ContentException.class).isThrownBy(() -> store.partial(file, "sha256", 10))
            .satisfies(e -> assertThat(e.code()).isEqualTo(ContentException.Code.SIZE_MISMATCH));
        assertThatThrownBy(() -> store.partial(file, "md5", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void graced_commit_holdsTheBlobForAWhile() throws IOException {
        Instant[] now = {Instant.parse("2026-08-01T12:00:00Z")};
        Leases leases = new Leases(() -> now[0]);
        PartialBlobs graced = new GracedContent(store, leases, Duration.ofHours(1)).graced(store);
        Item blob = Item.blob(Digest.sha256(BYTES));
        try (PartialBlob partial = graced.partial(file, "sha256", 0)) {
            partial.write(BYTES);
            Digest _ = partial.commit(Optional.empty());
        }

        assertThat(leases.isHeld(blob)).isTrue();
        now[0] = now[0].plus(Duration.ofMinutes(61));
        assertThat(leases.isHeld(blob)).isFalse();
    }
}
