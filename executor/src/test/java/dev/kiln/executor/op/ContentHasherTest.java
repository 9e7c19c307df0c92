package dev.kiln.executor.op;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ContentHasherTest {
    @TempDir
    Path temp;
    private Tree tree;

    @BeforeEach
    void make() throws Exception {
        tree = new Tree(temp.resolve("tree")).file("a1", "1")
            .file("a2", "2")
            .file("d/b", "3")
            .link("d/l", "b")
            .link("to-d", "d");
    }

    private Digest digest(String... sources) throws Exception {
        return digest(new OpSpec.Copy(List.of(sources), "/", Optional.empty()));
    }

    private Digest digest(OpSpec.Copy copy) throws Exception {
        ContentHasher hasher = new ContentHasher(copy.owner().isPresent());
        for (CopyItem item : copy.items()) {
            hasher.add(new CopySource((CopyItem.Paths) item, copy), Root.of(tree.root()));
        }
        return hasher.digest();
    }

    private Digest excluding(String source, String... patterns) throws Exception {
        return digest(new OpSpec.Copy(List.of(CopyItem.Paths.of(1, source)), "/", Optional.empty(),
                Optional.empty(), List.of(patterns), false));
    }

    private Digest below(String path, String below) throws Exception {
        return digest(new OpSpec.Copy(
                List.of(new CopyItem.Paths(1, path, true, Optional.of(below), false)), "/",
                Optional.empty(), Optional.empty(), List.of(), false));
    }

    @Test
    void known_data_isNotReadAndGivesTheSame() throws Exception {
        Digest read = digest(".");
        Map<RawPath, Digest> known = Map.of(RawPath.ofUtf8("a1"), Digest.sha256(new byte[]{'1'}),
                RawPath.ofUtf8("d/b"), Digest.sha256(new byte[]{'3'}));
        tree.file("a1", "x").file("d/b", "x");
        OpSpec.Copy copy = new OpSpec.Copy(List.of("."), "/", Optional.empty());
        ContentHasher hasher = new ContentHasher(false);
        hasher.add(new CopySource((CopyItem.Paths) copy.items().getFirst(), copy), Root.of(tree.root(), known));

        assertThat(hasher.digest()).isEqualTo(read);
        assertThat(digest(".")).isNotEqualTo(read);
    }

    @Test
    @Tag("row:8.16")
    void excluded_files_doNotCount() throws Exception {
        Digest before = excluding("d", "*.log", "!keep.log");
        assertThat(before).isEqualTo(digest("d"));
        tree.file("d/x.log", "1").file("d/y.log", "2");
        assertThat(excluding("d", "*.log", "!keep.log")).isEqualTo(before);
        tree.file("d/keep.log", "1");
        assertThat(excluding("d", "*.log", "!keep.log")).isNotEqualTo(before);
    }

    @Test
    @Tag("row:8.15")
    void parents_countWhatIsMatchedAndTheWayToIt() throws Exception {
        tree.file("p/q/a.c", "1").file("p/q/b.h", "2").file("p/r/c.h", "3");
        Digest before = below(".", "p/**/*.c");
        tree.file("p/q/b.h", "changed").file("p/r/d.h", "new");
        assertThat(below(".", "p/**/*.c")).isEqualTo(before);
        tree.mode("p/q", "rwx------");
        Digest way = below(".", "p/**/*.c");
        tree.mode("p/q", "rwxr-xr-x").file("p/r/e.c", "5");
        assertThat(List.of(before, way, below(".", "p/**/*.c"))).doesNotHaveDuplicates();
        assertThatThrownBy(() -> below("p", "q/no")).isInstanceOf(StepFailed.class)
            .hasMessage("\"/p/q/no\": not found");
    }

    @Test
    void wholeDirectory_countsTheDirectoryItself() throws Exception {
        OpSpec.Copy whole = new OpSpec.Copy(
                List.of(new CopyItem.Paths(1, ".", false, Optional.empty(), false)), "/",
                Optional.empty(), Optional.empty(), List.of(), false);
        Digest before = digest(whole);
        Digest contents = digest(".");
        Files.setPosixFilePermissions(tree.root(), PosixFilePermissions.fromString("rwx------"));
        assertThat(digest(whole)).isNotEqualTo(before);
        assertThat(digest(".")).isEqualTo(contents);
    }

    @Test
    @Tag("row:8.18")
    void content_untouchedOrOnlyItsTime_staysTheSame() throws Exception {
        Digest before = digest(".");
        tree.modified("a1", Instant.EPOCH).modified("d", Instant.EPOCH);
        assertThat(digest(".")).isEqualTo(before);
    }

    @Test
    @Tag("row:8.18")
    void content_anythingThatIsCopiedChanged_isAnother() throws Exception {
        Digest before = digest(".");
        tree.file("a1", "x");
        Digest data = digest(".");
        tree.file("a1", "1").mode("a1", "rwxr-xr-x");
        Digest mode = digest(".");
        tree.mode("a1", "rw-r--r--").mode("d", "rwx------");
        Digest directory = digest(".");
        tree.mode("d", "rwxr-xr-x");
        Files.delete(tree.root().resolve("d/l"));
        tree.link("d/l", "elsewhere");
        Digest link = digest(".");
        Files.move(tree.root().resolve("a2"), tree.root().resolve("a3"));
        assertThat(List.of(before, data, mode, directory, link, digest("."))).doesNotHaveDuplicates();
    }

    @Test
    void content_outsideTheSources_doesNotCount() throws Exception {
        Digest before = digest("d", "a1");
        tree.file("a2", "changed").file("new", "4");
        assertThat(digest("d", "a1")).isEqualTo(before);
    }

    @Test
    void plainSource_renamed_isTheSameContent() throws Exception {
        Digest before = digest("a1");
        Files.move(tree.root().resolve("a1"), tree.root().resolve("z"));
        assertThat(digest("z")).isEqualTo(before);
    }

    @Test
    @Tag("row:8.7")
    void wildcard_renamedFile_isAnotherAndUnrelatedIsNot() throws Exception {
        Digest before = digest("a*");
        tree.file("unrelated", "5");
        assertThat(digest("a*")).isEqualTo(before);
        Files.move(tree.root().resolve("a1"), tree.root().resolve("a9"));
        assertThat(digest("a*")).isNotEqualTo(before);
    }

    @Test
    void link_asASource_isWhatItLeadsTo() throws Exception {
        assertThat(digest("to-d")).isEqualTo(digest("d"));
        assertThat(digest("d/l")).isEqualTo(digest("d/b"));
    }

    @Test
    void sources_dividedDifferently_areNotTheSame() throws Exception {
        assertThat(digest("a1", "a2")).isNotEqualTo(digest("a2", "a1"));
        tree.file("e/1", "").file("e/2", "").file("f/1", "").directory("f/2").file("g/2", "");
        assertThat(digest("e")).isNotEqualTo(digest("f", "g"));
    }
}
