package dev.kiln.api.distribution;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.api.distribution.TagStore.ListedManifest;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.MediaTypes;

import static org.assertj.core.api.Assertions.assertThat;

class TagStoreTest {
    private static final RepositoryName APP = new RepositoryName("library/app");
    private static final ListedManifest ONE = listed("one");
    private static final ListedManifest TWO = listed("two");

    @TempDir
    Path folder;
    private TagStore tags;

    @BeforeEach
    void open() throws Exception {
        tags = TagStore.open(folder);
    }

    @AfterEach
    void close() throws Exception {
        tags.close();
    }

    @Test
    void put_isThereAfterReopening() throws Exception {
        tags.put(APP, ONE, List.of("1.0"));

        tags.close();
        tags = TagStore.open(folder);

        assertThat(tags.tagged(APP, "1.0")).contains(ONE.digest());
        assertThat(tags.mediaType(APP, ONE.digest())).contains(MediaTypes.OCI_MANIFEST);
        assertThat(tags.manifests(APP)).containsExactly(ONE.digest());
    }

    @Test
    void damagedTag_countsAsAbsentUntilPutAgain() throws Exception {
        tags.put(APP, ONE, List.of("1.0"));
        overwrite("_tags/1.0", "sha256:12");

        assertThat(tags.tagged(APP, "1.0")).isEmpty();

        tags.put(APP, ONE, List.of("1.0"));
        assertThat(tags.tagged(APP, "1.0")).contains(ONE.digest());
    }

    @Test
    void damagedTag_canBeDeleted_andHindersNothing() throws Exception {
        tags.put(APP, ONE, List.of("1.0"));
        tags.put(APP, TWO, List.of("2.0"));
        overwrite("_tags/1.0", "");

        assertThat(tags.deleteManifest(APP, TWO)).isTrue();
        assertThat(tags.tags(APP)).containsExactly("1.0");
        assertThat(tags.deleteTag(APP, "1.0")).isTrue();
    }

    @Test
    void damagedMediaType_countsAsAbsentUntilPutAgain() throws Exception {
        tags.put(APP, ONE, List.of());
        overwrite("_manifests/sha256/" + ONE.digest().hex(), "\0\0\0\0");

        assertThat(tags.mediaType(APP, ONE.digest())).isEmpty();

        tags.put(APP, ONE, List.of());
        assertThat(tags.mediaType(APP, ONE.digest())).contains(MediaTypes.OCI_MANIFEST);
    }

    @Test
    void strangersFiles_arePassedOver() throws Exception {
        ListedManifest attached = new ListedManifest(TWO.digest(), MediaTypes.OCI_MANIFEST, Optional.of(ONE.digest()));
        tags.put(APP, ONE, List.of());
        tags.put(APP, attached, List.of());
        overwrite("_manifests/sha256/notes.txt", "x");
        overwrite("_referrers/sha256/" + ONE.digest().hex() + "/notes.txt", "x");
        Files.createDirectories(folder.resolve("repositories/No Name/_manifests/sha256"));
        Files.writeString(folder.resolve("repositories/No Name/_manifests/sha256/x"), "x");

        assertThat(tags.manifests(APP)).containsExactlyInAnyOrder(ONE.digest(), TWO.digest());
        assertThat(tags.referrers(APP, ONE.digest())).containsExactly(TWO.digest());
        assertThat(tags.repositories()).containsExactly(APP);
    }

    @Test
    void unfinishedFiles_ofADeadProcess_areRemoved() throws Exception {
        Path dead = Files.createDirectories(folder.resolve("writing/dead"));
        Files.writeString(dead.resolve("1"), "half");

        TagStore.open(folder).close();

        assertThat(dead).doesNotExist();
    }

    @Test
    void put_fromManyThreads_losesNothing() throws Exception {
        List<Callable<Void>> puts = IntStream.range(0, 40).<Callable<Void>>mapToObj(i -> () -> {
            tags.put(APP, listed("m" + i % 8), List.of("t" + i % 10));
            return null;
        }).toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var done : threads.invokeAll(puts)) {
                done.get();
            }
        }

        assertThat(tags.tags(APP)).hasSize(10);
        for (String tag : tags.tags(APP)) {
            assertThat(tags.mediaType(APP, tags.tagged(APP, tag).orElseThrow())).isPresent();
        }
        assertThat(tags.manifests(APP)).hasSize(8);
    }

    private void overwrite(String file, String text) throws Exception {
        Path path = folder.resolve("repositories/library/app").resolve(file);
        Files.deleteIfExists(path);
        Files.writeString(path, text);
    }

    private static ListedManifest listed(String text) {
        return new ListedManifest(Digest.sha256(text.getBytes(StandardCharsets.UTF_8)), MediaTypes.OCI_MANIFEST,
                Optional.empty());
    }
}
