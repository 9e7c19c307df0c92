package dev.kiln.executor.op;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RemoteOpsTest {
    private static final OpSpec.Git COMMIT = new OpSpec.Git("https://git.example/r.git", "main", "c0ffee", "sub", false,
            true, false);

    @TempDir
    Path temp;
    private Workshop workshop;
    private Descriptor blob;

    @BeforeEach
    void make() throws Exception {
        workshop = new Workshop(temp.resolve("snapshots"));
        blob = workshop.blob("downloaded");
    }

    @AfterEach
    void end() {
        assertThat(workshop.snapshots.open).as("views left open").hasValue(0);
        workshop.close();
    }

    private Op op(OpSpec spec) {
        return workshop.ops().resolve(new GraphBuilder().source("n", spec));
    }

    private Tree execute(OpSpec spec) throws Exception {
        return new Tree(workshop.snapshots.directory(op(spec).execute(List.of(), (stream, bytes, length) -> {
            // nobody listens
        }).layers().getLast().snapshot().orElseThrow()));
    }

    private OpSpec.Http http(String address, Optional<Instant> modified) {
        return new OpSpec.Http(URI.create(address), blob.digest(), blob.size(), "file.bin", modified);
    }

    private static RemoteFiles fetching(Runnable fetch) {
        return new RemoteFiles() {
            @Override
            public void checkOut(OpSpec.Git commit, Path into, Op.StepLog log) throws IOException {
                new Tree(into).file("of", commit.commit());
            }

            @Override
            public void fetch(OpSpec.Http file) {
                fetch.run();
            }
        };
    }

    @Test
    @Tag("row:8.1.2")
    void http_file_isTheOnlyOneOfItsLayer() throws Exception {
        Tree made = execute(http("https://x.example/a", Optional.of(Copying.OLD)));
        assertThat(made.content()).isEqualTo(Map.of("file.bin", "downloaded"));
        assertThat(made.permissions("file.bin")).isEqualTo("rw-------");
        Path file = made.root().resolve("file.bin");
        assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(Copying.OLD);
        Path undated = execute(http("https://x.example/a", Optional.empty())).root().resolve("file.bin");
        assertThat(Files.getLastModifiedTime(undated).toInstant()).isEqualTo(Instant.EPOCH);
    }

    @Test
    @Tag("row:8.1.2")
    void http_contentThatWasCollected_isFetchedAgain() throws Exception {
        String text = Optional.ofNullable(workshop.blobs.remove(blob.digest())).orElseThrow();
        workshop.remote = fetching(() -> workshop.blobs.put(blob.digest(), text));
        assertThat(execute(http("https://x.example/a", Optional.empty())).content()).containsValue("downloaded");
        workshop.blobs.remove(blob.digest());
        workshop.remote = RemoteFiles.NONE;
        assertThatThrownBy(() -> execute(http("https://u:secret@x.example/a", Optional.empty())))
            .isInstanceOf(StepFailed.class)
            .hasMessageNotContaining("secret");
    }

    @Test
    @Tag("row:8.1.2")
    void http_preimage_isWhatTheFileIsAndNotWhereItWas() {
        Op one = op(http("https://u:secret@one.example/a", Optional.empty()));
        assertThat(one.preimage()).isEqualTo(op(http("https://two.example/b", Optional.empty())).preimage());
        assertThat(one.preimage()).isNotEqualTo(op(http("https://two.example/b", Optional.of(Copying.OLD))).preimage());
        assertThat(one.cacheable()).isTrue();
    }

    @Test
    void http_nameThatLeadsOut_isRefused() {
        OpSpec.Http out = new OpSpec.Http(URI.create("https://x.example/"), blob.digest(), blob.size(), "..",
                Optional.empty());
        assertThatThrownBy(() -> execute(out)).isInstanceOf(StepFailed.class).hasMessageContaining("..");
    }

    @Test
    @Tag("row:8.1.4")
    void git_commit_isCheckedOutIntoALayer() throws Exception {
        workshop.remote = fetching(() -> {
            throw new AssertionError("nothing to download");
        });
        assertThat(execute(COMMIT).content()).isEqualTo(Map.of("of", "c0ffee"));
        workshop.remote = RemoteFiles.NONE;
        assertThatThrownBy(() -> execute(COMMIT)).isInstanceOf(StepFailed.class);
    }

    @Test
    @Tag("row:8.1.7")
    void git_preimage_knowsTheRemoteOnlyWhereItIsKept() {
        OpSpec.Git elsewhere = new OpSpec.Git("https://other.example/r.git", "v1", "c0ffee", "sub", false, true, false);
        assertThat(op(elsewhere).preimage()).isEqualTo(op(COMMIT).preimage());
        OpSpec.Git kept = new OpSpec.Git(COMMIT.remote(), COMMIT.ref(), "c0ffee", "sub", true, true, false);
        OpSpec.Git keptElsewhere = new OpSpec.Git(elsewhere.remote(), "v1", "c0ffee", "sub", true, true, false);
        OpSpec.Git whole = new OpSpec.Git(COMMIT.remote(), COMMIT.ref(), "c0ffee", "", false, true, false);
        OpSpec.Git shallow = new OpSpec.Git(COMMIT.remote(), COMMIT.ref(), "c0ffee", "sub", false, false, false);
        assertThat(List.of(op(COMMIT).preimage(), op(kept).preimage(), op(keptElsewhere).preimage(),
                op(whole).preimage(), op(shallow).preimage()))
            .doesNotHaveDuplicates();
        assertThat(op(COMMIT).preimage().keySet()).doesNotContain("remote");
    }
}
