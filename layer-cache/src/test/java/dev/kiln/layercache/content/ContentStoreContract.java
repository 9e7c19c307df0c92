package dev.kiln.layercache.content;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What every {@link ContentStore} promises. */
public abstract class ContentStoreContract {

    /** A fresh, empty store. */
    protected abstract ContentStore store() throws IOException;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 8192, 8193, 65_536, 65_537, 300_000})
    void ingest_bytes_readBackWholeAndInPart(int size) throws IOException {
        ContentStore store = store();
        byte[] bytes = random(size);

        Digest digest = store.ingest(bytes);

        assertThat(digest).isEqualTo(Digest.sha256(bytes));
        assertThat(store.size(digest)).hasValue(size);
        assertThat(read(store, digest, 0)).isEqualTo(bytes);
        assertThat(read(store, digest, size / 2)).isEqualTo(Arrays.copyOfRange(bytes, size / 2, size));
        assertThat(read(store, digest, size)).isEmpty();
    }

    @Test
    void open_absent_notFound() throws IOException {
        ContentStore store = store();
        Digest absent = Digest.sha256(random(9));

        assertThat(store.size(absent)).isEmpty();
        fails(ContentException.Code.NOT_FOUND, () -> store.open(absent));
    }

    @Test
    void open_outsideTheBlob_refused() throws IOException {
        ContentStore store = store();
        Digest digest = store.ingest(random(9));

        fails(ContentException.Code.INVALID, () -> store.open(digest, 10));
        fails(ContentException.Code.INVALID, () -> store.open(digest, -1));
    }

    @Test
    void ingest_wrongDigest_keepsNothing() throws IOException {
        ContentStore store = store();
        Digest expected = Digest.sha256(random(9));

        fails(ContentException.Code.DIGEST_MISMATCH, () -> store.ingest(expected, 9, stream(new byte[9])));
        assertThat(contents(store)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 10})
    void ingest_wrongSize_keepsNothing(int size) throws IOException {
        ContentStore store = store();
        byte[] bytes = random(9);

        fails(ContentException.Code.SIZE_MISMATCH, () -> store.ingest(Digest.sha256(bytes), size, stream(bytes)));
        assertThat(contents(store)).isEmpty();
    }

    @Test
    void ingest_sourceFails_keepsNothing() throws IOException {
        ContentStore store = store();
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the line went dead");
            }
        };

        assertThatThrownBy(() -> store.ingest(Digest.sha256(random(9)), 9, broken))
            .hasMessage("the line went dead");
        assertThat(contents(store)).isEmpty();
    }

    @Test
    void ingest_presentAlready_succeedsUnread() throws IOException {
        ContentStore store = store();
        Digest digest = store.ingest(random(9));
        InputStream unread = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read although the blob is there");
            }
        };

        store.ingest(digest, 9, unread);

        assertThat(store.ingest(random(9))).isEqualTo(digest);
    }

    @Test
    void ingest_sha512_isFoundUnderThatName() throws IOException {
        ContentStore store = store();
        byte[] bytes = random(100_000);
        Digest sha512 = Digest.parse("sha512:" + "0".repeat(128)).ofSame(bytes);

        store.ingest(sha512, bytes.length, stream(bytes));

        assertThat(read(store, sha512, 0)).isEqualTo(bytes);
        assertThat(store.size(Digest.sha256(bytes))).isEmpty();
    }

    @Test
    void writer_manyWrites_oneBlob() throws IOException {
        ContentStore store = store();
        byte[] bytes = random(100_000);
        Digest digest;
        try (BlobWriter writer = store.newBlob()) {
            writer.write(bytes[0]);
            writer.write(bytes, 1, 20_000);
            for (int i = 20_001; i < 40_000; i++) {
                writer.write(bytes[i]);
            }
            assertThat(writer.written()).isEqualTo(40_000);
            writer.write(bytes, 40_000, 60_000);
            assertThat(contents(store)).isEmpty();
            digest = writer.commit(Optional.empty());
        }

        assertThat(read(store, digest, 0)).isEqualTo(bytes);
    }

    @Test
    void writer_committedAsSha512_hasThatName() throws IOException {
        ContentStore store = store();
        byte[] bytes = random(10_000);
        Digest sha512 = Digest.parse("sha512:" + "0".repeat(128)).ofSame(bytes);
        try (BlobWriter writer = store.newBlob()) {
            writer.write(bytes);
            assertThat(writer.commit(Optional.of(sha512))).isEqualTo(sha512);
        }

        assertThat(read(store, sha512, 0)).isEqualTo(bytes);
    }

    @Test
    void writer_closedWithoutCommit_leavesNothing() throws IOException {
        ContentStore store = store();
        BlobWriter writer = store.newBlob();
        writer.write(random(100_000));
        writer.close();
        writer.close();

        assertThat(contents(store)).isEmpty();
        fails(ContentException.Code.INVALID, () -> writer.write(1));
        fails(ContentException.Code.INVALID, () -> writer.commit(Optional.empty()));
    }

    @Test
    void writer_otherBytesThanExpected_leavesNothing() throws IOException {
        ContentStore store = store();
        try (BlobWriter writer = store.newBlob()) {
            writer.write(random(9));
            fails(ContentException.Code.DIGEST_MISMATCH,
                    () -> writer.commit(Optional.of(Digest.sha256(new byte[9]))));
        }

        assertThat(contents(store)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 300_000})
    void delete_whileRead_readerReadsOn(int size) throws IOException {
        ContentStore store = store();
        byte[] bytes = random(size);
        Digest digest = store.ingest(bytes);
        try (InputStream in = store.open(digest)) {
            store.delete(digest);
            store.delete(digest);

            assertThat(store.size(digest)).isEmpty();
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
        fails(ContentException.Code.NOT_FOUND, () -> store.open(digest));
    }

    @Test
    void forEach_severalBlobs_eachOnceWithItsSize() throws IOException {
        ContentStore store = store();
        Map<Digest, Long> expected = new HashMap<>();
        for (int size = 0; size < 20; size++) {
            expected.put(store.ingest(random(size)), (long) size);
        }

        assertThat(contents(store)).isEqualTo(expected);
    }

    @Test
    void ingest_sameBytesAtOnce_allSucceed() throws Exception {
        ContentStore store = store();
        byte[] bytes = random(200_000);
        List<Future<Digest>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 16; i++) {
                all.add(threads.submit(() -> {
                    try (BlobWriter writer = store.newBlob()) {
                        writer.write(bytes);
                        return writer.commit(Optional.empty());
                    }
                }));
            }
        }

        for (Future<Digest> one : all) {
            assertThat(one.get()).isEqualTo(Digest.sha256(bytes));
        }
        assertThat(contents(store)).hasSize(1);
        assertThat(read(store, Digest.sha256(bytes), 0)).isEqualTo(bytes);
    }

    /** The same bytes for the same size. */
    protected static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    protected static byte[] read(ContentStore store, Digest digest, long offset) throws IOException {
        try (InputStream in = store.open(digest, offset)) {
            return in.readAllBytes();
        }
    }

    protected static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    protected static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    protected static Map<Digest, Long> contents(ContentStore store) throws IOException {
        Map<Digest, Long> found = new HashMap<>();
        store.forEach(d -> found.merge(d.digest(), d.size(), (a, b) -> {
            throw new AssertionError("listed twice: " + d);
        }));
        return found;
    }

    protected static void fails(ContentException.Code code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ContentException.class,
                e -> assertThat(e.code()).isEqualTo(code));
    }
}
