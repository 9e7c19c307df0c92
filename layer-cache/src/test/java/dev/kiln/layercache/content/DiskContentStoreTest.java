package dev.kiln.layercache.content;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DiskContentStoreTest extends ContentStoreContract {
    @TempDir
    Path root;

    @Override
    protected DiskContentStore store() throws IOException {
        return DiskContentStore.open(root);
    }

    @Test
    void commit_blob_liesReadOnlyUnderItsDigest() throws IOException {
        Digest digest = store().ingest(text("abc"));

        Path file = root.resolve("blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
        assertThat(file).hasContent("abc");
        assertThat(Files.getPosixFilePermissions(file)).contains(PosixFilePermission.OWNER_READ)
            .doesNotContain(PosixFilePermission.OWNER_WRITE);
        assertThat(store().file(digest)).contains(file);
    }

    @Test
    void open_afterRestart_findsTheBlobs() throws IOException {
        Digest digest;
        try (DiskContentStore store = store()) {
            digest = store.ingest(text("abc"));
        }

        assertThat(read(store(), digest, 0)).isEqualTo(text("abc"));
        assertThat(store().file(Digest.sha256(text("x")))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 300_000})
    void open_flippedByte_detectedAndMovedAway(int size) throws IOException {
        DiskContentStore store = store();
        byte[] bytes = random(size);
        Digest digest = store.ingest(bytes);
        bytes[size / 2] ^= 1;
        overwrite(store, digest, bytes);

        fails(ContentException.Code.DIGEST_MISMATCH, () -> read(store, digest, 0));

        assertThat(store.size(digest)).isEmpty();
        assertThat(root.resolve("damaged").resolve(digest.hex())).hasBinaryContent(bytes);
        store.ingest(digest, size, stream(random(size)));
        assertThat(read(store, digest, 0)).isEqualTo(random(size));
    }

    @Test
    void ingest_damagedBlobOfTheSameSize_isReplaced() throws IOException {
        byte[] bytes = random(100);
        Digest digest = store().ingest(bytes);
        byte[] wrong = bytes.clone();
        wrong[50] ^= 1;
        DiskContentStore again = store();
        overwrite(again, digest, wrong);

        assertThat(again.ingest(bytes)).isEqualTo(digest);
        assertThat(read(again, digest, 0)).isEqualTo(bytes);
    }

    @Test
    void commit_damagedBlobOfTheSameSize_isReplaced() throws IOException {
        DiskContentStore store = store();
        byte[] bytes = random(300_000);
        Digest digest = store.ingest(bytes);
        byte[] wrong = bytes.clone();
        wrong[7] ^= 1;
        overwrite(store, digest, wrong);

        try (BlobWriter writer = store.newBlob()) {
            writer.write(bytes);
            assertThat(writer.commit(Optional.of(digest))).isEqualTo(digest);
        }
        assertThat(read(store, digest, 0)).isEqualTo(bytes);
    }

    @Test
    void open_flippedByte_exactReadDetectsIt() throws IOException {
        DiskContentStore store = store();
        byte[] bytes = random(100_000);
        Digest digest = store.ingest(bytes);
        bytes[0] ^= 1;
        overwrite(store, digest, bytes);

        try (InputStream in = store.open(digest)) {
            fails(ContentException.Code.DIGEST_MISMATCH, () -> in.readNBytes(100_000));
        }
        try (InputStream in = reopened(store, digest, bytes)) {
            fails(ContentException.Code.DIGEST_MISMATCH, () -> in.skip(100_000));
        }
        assertThat(store.size(digest)).isEmpty();
    }

    @Test
    void ingest_truncatedBlobOnDisk_replaced() throws IOException {
        DiskContentStore store = store();
        byte[] bytes = random(100_000);
        Digest digest = store.ingest(bytes);
        overwrite(store, digest, new byte[0]);

        store.ingest(digest, bytes.length, stream(bytes));

        assertThat(read(store, digest, 0)).isEqualTo(bytes);
    }

    @Test
    void open_secondRead_servedFromMemory() throws IOException {
        DiskContentStore store = store();
        Digest digest = store.ingest(text("abc"));
        read(store, digest, 0);
        Files.delete(store.file(digest).orElseThrow());

        assertThat(read(store, digest, 0)).isEqualTo(text("abc"));
    }

    @Test
    void open_leftovers_ofTheDeadAreRemovedOfTheLivingKept() throws IOException {
        Path dead = Files.createDirectories(root.resolve("ingest/dead"));
        Files.writeString(dead.resolve("1"), "half a blob");
        DiskContentStore living = store();
        try (BlobWriter writer = living.newBlob()) {
            writer.write(random(100_000));

            store();

            assertThat(dead).doesNotExist();
            assertThat(files(root.resolve("ingest"))).hasSize(1);
        }
        assertThat(files(root.resolve("ingest"))).isEmpty();
    }

    @Test
    void close_removesItsIngestFolder() throws IOException {
        DiskContentStore store = store();
        store.newBlob().write(random(10));
        store.close();

        try (Stream<Path> left = Files.list(root.resolve("ingest"))) {
            assertThat(left.filter(Files::isDirectory)).isEmpty();
        }
    }

    @Test
    void forEach_strayFile_leftOut() throws IOException {
        DiskContentStore store = store();
        Digest digest = store.ingest(text("abc"));
        Files.writeString(store.file(digest).orElseThrow().resolveSibling("notes.txt"), "x");

        assertThat(contents(store)).containsOnlyKeys(digest);
    }

    @Test
    void explain_fullDevice_isNoSpaceAndRetryable() throws IOException {
        try (FileOutputStream full = new FileOutputStream("/dev/full")) {
            assertThatThrownBy(() -> {
                try {
                    full.write(1);
                } catch (IOException e) {
                    throw NoSpace.explain(e, root);
                }
            }).isInstanceOfSatisfying(ContentException.class, e -> {
                assertThat(e.code()).isEqualTo(ContentException.Code.NO_SPACE);
                assertThat(e.retryable()).isTrue();
            }).hasMessageContaining("free space there");
        }
    }

    @Test
    void explain_otherFailure_staysAsItIs() {
        IOException other = new IOException("Input/output error");

        assertThat(NoSpace.explain(other, root)).isSameAs(other);
    }

    private static InputStream reopened(DiskContentStore store, Digest digest, byte[] bytes) throws IOException {
        store.ingest(digest, bytes.length, stream(random(bytes.length)));
        overwrite(store, digest, bytes);
        return store.open(digest);
    }

    private static void overwrite(DiskContentStore store, Digest digest, byte[] bytes) throws IOException {
        Path file = store.file(digest).orElseThrow();
        Files.delete(file);
        Files.write(file, bytes);
    }

    private static Stream<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                .filter(f -> !f.getFileName().toString().equals("lock"))
                .toList()
                .stream();
        }
    }
}
