package dev.kiln.executor.op;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;

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
        ContentHasher hasher = new ContentHasher(true);
        for (String source : sources) {
            hasher.source(GoPattern.isPattern(source),
                    new SourceSelection(Root.of(tree.root())).select(source));
        }
        return hasher.digest();
    }

    @Test
    void content_untouchedOrOnlyItsTime_staysTheSame() throws Exception {
        Digest before = digest(".");
        tree.modified("a1", Instant.EPOCH).modified("d", Instant.EPOCH);
        assertThat(digest(".")).isEqualTo(before);
    }

    @Test
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
        assertThat(java.util.List.of(before, data, mode, directory, link, digest("."))).doesNotHaveDuplicates();
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
