package dev.kiln.executor.op;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.GraphBuilder;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.Op;
import dev.kiln.executor.solver.Result;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A copy as a step: what it takes of which input, and what its key is made of. */
class CopyOpTest {
    private static final Result NOTHING = new Result(List.of());

    @TempDir
    Path temp;
    private Workshop workshop;
    private final StringBuilder log = new StringBuilder();

    @BeforeEach
    void make() throws Exception {
        workshop = new Workshop(temp.resolve("snapshots"));
    }

    @AfterEach
    void end() {
        assertThat(workshop.snapshots.open).as("views left open").hasValue(0);
        workshop.close();
    }

    private Op op(OpSpec spec) {
        return workshop.ops().resolve(new GraphBuilder().add("n", spec, List.of(), false));
    }

    private Tree execute(OpSpec spec, Result... inputs) throws Exception {
        return top(op(spec).execute(List.of(inputs),
                (stream, bytes, length) -> log.append(new String(bytes, 0, length, StandardCharsets.UTF_8))));
    }

    private Tree top(Result result) {
        return new Tree(workshop.snapshots.directory(result.layers().getLast().snapshot().orElseThrow()));
    }

    private Result context(String name, Map<String, String> files) throws Exception {
        Digest archive = Digest.sha256(name.getBytes(StandardCharsets.UTF_8));
        Tree tree = new Tree(temp.resolve(name));
        for (Map.Entry<String, String> file : files.entrySet()) {
            tree.file(file.getKey(), file.getValue());
        }
        workshop.contexts.put(archive, tree.root());
        return Result.ofTree(archive);
    }

    /** A stage with these files. */
    private Result stage(Map<String, String> files) throws Exception {
        Result context = context("of-stage-" + files.hashCode(), files);
        return op(new OpSpec.Copy(List.of("."), "/", Optional.empty())).execute(List.of(NOTHING, context),
                (stream, bytes, length) -> log.append("unexpected"));
    }

    private static OpSpec.Copy copy(Optional<String> owner, boolean ownersFromLast, CopyItem... items) {
        return new OpSpec.Copy(List.of(items), "/x/", owner, Optional.empty(), List.of(), ownersFromLast);
    }

    private static CopyItem.Paths path(int input, String path) {
        return CopyItem.Paths.of(input, path);
    }

    @Test
    @Tag("row:8.17")
    void copy_ofSeveralInputs_takesEachItemFromItsOwn() throws Exception {
        OpSpec.Copy copy = copy(Optional.empty(), false, path(2, "a"), path(1, "b"), new CopyItem.Inline("i", "3"));
        Tree made = execute(copy, NOTHING, context("one", Map.of("a", "no", "b", "1")), stage(Map.of("a", "2")));
        assertThat(made.content()).isEqualTo(Map.of("x", "/", "x/a", "2", "x/b", "1", "x/i", "3"));
    }

    @Test
    @Tag("row:8.7")
    void contentKey_ofEachInput_isAboutWhatIsTakenThere() throws Exception {
        Op copy = op(copy(Optional.empty(), false, path(1, "a*"), path(2, "d"), path(1, "c")));
        Result one = context("one", Map.of("a1", "1", "c", "2", "unused", "3"));
        Result other = context("other", Map.of("a1", "1", "c", "2", "unused", "changed"));
        assertThat(copy.contentKey(1, other)).isPresent().isEqualTo(copy.contentKey(1, one));
        assertThat(copy.contentKey(1, context("renamed", Map.of("a2", "1", "c", "2")))).isNotEqualTo(
                copy.contentKey(1, one));
        assertThat(copy.contentKey(2, context("d", Map.of("d/x", "1", "e", "2")))).isEqualTo(
                copy.contentKey(2, context("d2", Map.of("d/x", "1"))));
        assertThat(copy.hasContentKey(0)).isFalse();
        assertThat(copy.hasContentKey(2)).isTrue();
    }

    @Test
    @Tag("row:8.18")
    void preimage_knowsAllThatChangesTheResult() {
        OpSpec.Copy plain = new OpSpec.Copy(List.of(path(1, "a"), new CopyItem.Inline("i", "text")), "/x",
                Optional.of("app"), Optional.of("u+x"), List.of("*.log"), false);
        assertThat(op(plain).preimage()).containsEntry("destination", "/x")
            .containsEntry("owner", "app")
            .containsEntry("mode", "u+x")
            .containsEntry("exclude.0", "*.log")
            .hasEntrySatisfying("source.0", source -> assertThat(source).contains("path=a"))
            .hasEntrySatisfying("source.1", source -> assertThat(source).contains("name=i", "sha256:")
                .doesNotContain("text"));
        OpSpec.Copy linked = new OpSpec.Copy(plain.items(), plain.destination(), plain.owner(), plain.mode(),
                plain.excludes(), true);
        assertThat(op(linked).preimage()).isNotEqualTo(op(plain).preimage());
    }

    @Test
    @Tag("row:8.12")
    void owner_byName_isLookedUpInTheStageThatIsMeant() throws Exception {
        Result context = context("c", Map.of("a", "1"));
        Result base = stage(Map.of("etc/passwd", "app:x:0:0::/:\n"));
        assertThat(execute(copy(Optional.of("app"), false, path(1, "a")), base, context).content()).containsKey("x/a");
        assertThat(execute(copy(Optional.of("app"), true, path(1, "a")), NOTHING, context, base).content())
            .isEqualTo(Map.of("x", "/", "x/a", "1"));
        assertThat(log).isEmpty();
        execute(copy(Optional.of("root:staff"), false, path(1, "a")), base, context);
        assertThat(log.toString())
            .startsWith("WARNING: CopyOwnerNotFound: --chown=root:staff: the image has no group staff");
    }

    @Test
    @Tag("row:8.12")
    void owner_byNameWithoutAnImage_isRefusedAndByNumberIsNot() throws Exception {
        Result context = context("c", Map.of("a", "1"));
        for (OpSpec.Copy copy : List.of(copy(Optional.of("app"), false, path(1, "a")),
                copy(Optional.of("app"), true, path(1, "a")))) {
            Result[] inputs = copy.ownersFromLast()
                    ? new Result[]{NOTHING, context, NOTHING}
                    : new Result[]{NOTHING, context};
            assertThatThrownBy(() -> execute(copy, inputs)).isInstanceOf(StepFailed.class)
                .hasMessageStartingWith("invalid user index: -1");
        }
        assertThat(execute(copy(Optional.of("0:0"), false, path(1, "a")), NOTHING, context).content())
            .containsKey("x/a");
    }

    @Test
    @Tag("row:8.14")
    void contentKey_ofTheStageOfALinkedCopy_isItsNamesOnly() throws Exception {
        Op copy = op(copy(Optional.of("app"), true, path(1, "a")));
        Optional<Digest> key = copy.contentKey(2, stage(Map.of("etc/passwd", "app:x:1:1::/:\n", "f", "1")));
        assertThat(key).isPresent();
        assertThat(copy.contentKey(2, stage(Map.of("etc/passwd", "app:x:1:1::/:\n", "f", "2")))).isEqualTo(key);
        assertThat(copy.contentKey(2, stage(Map.of("etc/passwd", "app:x:2:2::/:\n", "f", "1")))).isNotEqualTo(key);
    }

    @Test
    @Tag("row:8.6")
    void source_missing_isToldWhileTheKeyIsMade() throws Exception {
        Op copy = op(copy(Optional.empty(), false, path(1, "no")));
        Result context = context("c", Map.of("a", "1"));
        assertThatThrownBy(() -> copy.contentKey(1, context)).isInstanceOf(StepFailed.class)
            .hasMessage("\"/no\": not found");
    }

    @Test
    @Tag("row:9.6")
    void makeDirectory_withATime_givesItToAllThatIsMade() throws Exception {
        OpSpec.MakeDirectory spec = new OpSpec.MakeDirectory("/a/b/c", Optional.empty(), Optional.of(Copying.OLD));
        Tree made = execute(spec, NOTHING);
        for (String directory : List.of("a", "a/b", "a/b/c")) {
            assertThat(Files.getLastModifiedTime(made.root().resolve(directory)).toInstant()).as(directory)
                .isEqualTo(Copying.OLD);
        }
        assertThat(op(spec).preimage()).isNotEqualTo(
                op(new OpSpec.MakeDirectory("/a/b/c", Optional.empty())).preimage());
    }
}
