package dev.kiln.executor.op;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.kiln.executor.graph.CopyItem;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.StepFailed;

import static dev.kiln.executor.op.Copying.OLD;
import static dev.kiln.executor.op.Copying.archive;
import static dev.kiln.executor.op.Copying.asItIs;
import static dev.kiln.executor.op.Copying.chmod;
import static dev.kiln.executor.op.Copying.excluding;
import static dev.kiln.executor.op.Copying.of;
import static dev.kiln.executor.op.Copying.parents;
import static dev.kiln.executor.op.Copying.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the flags of COPY and ADD do. What is expected was seen of BuildKit. */
class CopyFlagsTest {
    @TempDir
    Path temp;
    private Copying copying;
    private Tree from;
    private Tree to;

    @BeforeEach
    void make() throws Exception {
        copying = new Copying(temp);
        from = copying.from.file("a.txt", "a")
            .file("b.md", "b")
            .file("d/f.txt", "f")
            .file("d/sub/g.txt", "g")
            .file("d/sub/h.md", "h")
            .mode("d/sub", "rwxr-x---")
            .mode("d/sub/h.md", "rwxr-xr-x")
            .modified("d/sub", OLD)
            .link("dl", "d")
            .link("al", "a.txt");
        to = copying.to;
    }

    private static Instant modified(Tree tree, String path) throws Exception {
        return Files.getLastModifiedTime(tree.root().resolve(path)).toInstant();
    }

    @Test
    @Tag("row:8.16")
    void exclude_isAboutWhatIsInADirectory_notAboutASourceItself() throws Exception {
        assertThat(copying.run(excluding(List.of("*.txt"), "/x/", path("a.txt"), path("d")))).isEqualTo(
                Map.of("x", "/", "x/a.txt", "a", "x/sub", "/", "x/sub/g.txt", "g", "x/sub/h.md", "h"));
        assertThat(copying.run(excluding(List.of("*.txt"), "/y/", path("*.*")))).containsKey("y/a.txt");
    }

    @Test
    @Tag("row:8.16")
    void exclude_doubleStarAndSlash_matchAsInAnIgnoreFile() throws Exception {
        assertThat(copying.run(excluding(List.of("**/*.txt"), "/x/", path("d")))).isEqualTo(
                Map.of("x", "/", "x/sub", "/", "x/sub/h.md", "h"));
        assertThat(copying.run(excluding(List.of("/f.txt"), "/y/", path("d")))).containsKey("y/f.txt");
        assertThatThrownBy(() -> copying.run(excluding(List.of("["), "/z/", path("d")))).isInstanceOf(StepFailed.class)
            .hasMessage("invalid excludepatterns: [[]: syntax error in pattern");
    }

    @Test
    @Tag("row:8.16")
    void exclude_exception_bringsFilesBackWithTheirDirectory() throws Exception {
        assertThat(copying.run(excluding(List.of("sub", "!sub/g.txt"), "/x/", path("d")))).isEqualTo(
                Map.of("x", "/", "x/f.txt", "f", "x/sub", "/", "x/sub/g.txt", "g"));
        assertThat(to.permissions("x/sub")).isEqualTo("rwxr-x---");
        assertThat(copying.run(excluding(List.of("sub/g.txt", "!sub"), "/y/", path("d")))).doesNotContainKey(
                "y/sub/g.txt");
        assertThat(copying.run(excluding(List.of("sub", "!nothing"), "/z/", path("d")))).isEqualTo(
                copying.to.content())
            .doesNotContainKey("z/sub");
    }

    @Test
    @Tag("row:8.15")
    void parents_keepThePathBelowThePivot() throws Exception {
        assertThat(copying.run(of("/x/", parents(".", "d/sub/*.md"), parents(".", "a.txt")))).isEqualTo(
                Map.of("x", "/", "x/a.txt", "a", "x/d", "/", "x/d/sub", "/", "x/d/sub/h.md", "h"));
        assertThat(copying.run(of("/y/", parents("d", "sub")))).containsEntry("y/sub/g.txt", "g")
            .doesNotContainKey("y/f.txt");
        assertThat(copying.run(of("/z/", parents("d*", "sub/h.md")))).containsEntry("z/sub/h.md", "h");
        assertThat(copying.warnings).isEmpty();
    }

    @Test
    @Tag("row:8.15")
    void parents_onTheWay_lookLikeTheirSource() throws Exception {
        copying.run(of("/x/", parents(".", "d/sub/g.txt")));
        assertThat(to.permissions("x/d/sub")).isEqualTo("rwxr-x---");
        assertThat(modified(to, "x/d/sub")).isEqualTo(OLD);
        to.directory("y/d/sub").mode("y/d/sub", "rwxrwxrwx");
        copying.run(of("/y/", parents(".", "d/sub/g.txt")));
        assertThat(to.permissions("y/d/sub")).as("of one that is there").isEqualTo("rwxr-x---");
        assertThat(modified(to, "y/d/sub")).isNotEqualTo(OLD);
    }

    @Test
    @Tag("row:8.15")
    void parents_doubleStar_reachesAnyDepth() throws Exception {
        assertThat(copying.run(of("/x/", parents(".", "**/*.md"))))
            .isEqualTo(Map.of("x", "/", "x/b.md", "b", "x/d", "/",
                    "x/d/sub", "/", "x/d/sub/h.md", "h"));
    }

    @Test
    @Tag("row:8.15")
    void parents_links_areCopiedAndNotFollowed() throws Exception {
        assertThat(copying.run(of("/x/", parents(".", "*l")))).isEqualTo(
                Map.of("x", "/", "x/al", "-> a.txt", "x/dl", "-> d"));
        assertThatThrownBy(() -> copying.run(of("/x/", parents(".", "dl/f.txt"))))
            .hasMessage("\"/dl/f.txt\": not found");
    }

    @ParameterizedTest
    @Tag("row:8.15")
    @CsvSource({".,d/nope,/d/nope", "nope,x,/nope/x", ".,d/f,/d/f", "a.txt,x,/a.txt/x", ".,.,/"})
    void parents_withoutWildcard_mustBeThere(String path, String below, String named) {
        assertThatThrownBy(() -> copying.run(of("/x/", parents(path, below)))).isInstanceOf(StepFailed.class)
            .hasMessage("\"" + named + "\": not found");
    }

    @Test
    @Tag("row:8.15")
    void parents_thatAreExcluded_areNotFound() {
        OpSpec.Copy copy = excluding(List.of("d"), "/x/", parents(".", "d/f.txt"));
        assertThatThrownBy(() -> copying.run(copy)).hasMessage("\"/d/f.txt\": not found");
    }

    @Test
    @Tag("row:8.6")
    void wildcard_thatMatchesNothing_isTold() throws Exception {
        assertThat(copying.run(of("/x/", path("*.q"), parents(".", "no/*.q"), parents("q*", "a"), path("a.txt"))))
            .isEqualTo(Map.of("x", "/", "x/a.txt", "a"));
        assertThat(copying.warnings).containsExactly(
                "CopyMatchedNothing: \"*.q\" matches no file, so nothing is copied for it",
                "CopyMatchedNothing: \"no/*.q\" matches no file, so nothing is copied for it",
                "CopyMatchedNothing: \"q*/a\" matches no file, so nothing is copied for it");
        assertThatThrownBy(() -> copying.run(of("/x/", path("nodir/*.q")))).isInstanceOf(StepFailed.class)
            .hasMessage("lstat /nodir: no such file or directory");
    }

    @Test
    @Tag("row:8.13")
    void chmod_octal_isSetOnFilesAndDirectoriesMadeOnTheWay() throws Exception {
        copying.run(chmod("750", "/x/y/", path("d")));
        assertThat(List.of("x", "x/y", "x/y/sub", "x/y/f.txt", "x/y/sub/h.md")).allSatisfy(
                path -> assertThat(to.permissions(path)).isEqualTo("rwxr-x---"));
        to.directory("there");
        copying.run(chmod("700", "/there/", path("d")));
        assertThat(to.permissions("there")).isEqualTo("rwxr-xr-x");
    }

    @Test
    @Tag("row:8.13")
    void chmod_symbolic_changesWhatWasThere() throws Exception {
        copying.run(chmod("u=rwX,go=rX", "/x/", path("d")));
        assertThat(to.permissions("x/sub")).isEqualTo("rwxr-xr-x");
        assertThat(to.permissions("x/f.txt")).isEqualTo("rw-r--r--");
        assertThat(to.permissions("x/sub/h.md")).isEqualTo("rwxr-xr-x");
        copying.run(chmod("g=u,o-rwx", "/made/y/", path("a.txt"), new CopyItem.Inline("i", "")));
        assertThat(to.permissions("made/y/a.txt")).isEqualTo("rw-rw----");
        assertThat(to.permissions("made/y/i")).isEqualTo("rw-rw----");
        assertThat(to.permissions("made/y")).as("made on the way").isEqualTo("rwxr-xr-x");
    }

    @Test
    @Tag("row:8.13")
    void chmod_linksAndTheirTargets_stayAsTheyAre() throws Exception {
        from.link("d/l", "/a.txt");
        to.file("a.txt", "mine");
        copying.run(chmod("700", "/x/", path("d")));
        assertThat(to.content()).containsEntry("x/l", "-> /a.txt");
        assertThat(to.permissions("a.txt")).isEqualTo("rw-r--r--");
    }

    @Test
    @Tag("row:7.7")
    void inline_isAFileWithItsName() throws Exception {
        assertThat(copying.run(of("/x/f", new CopyItem.Inline("EOF", "hi\n")))).isEqualTo(
                Map.of("x", "/", "x/f", "hi\n"));
        assertThat(to.permissions("x/f")).isEqualTo("rw-r--r--");
        assertThat(copying.run(of("/x", new CopyItem.Inline("A", "1"), new CopyItem.Inline("B", "2"))))
            .containsEntry("x/A", "1")
            .containsEntry("x/B", "2");
        assertThatThrownBy(() -> copying.run(of("/", new CopyItem.Inline("..", "out")))).isInstanceOf(StepFailed.class);
        assertThat(temp.resolve("to")).isDirectory();
    }

    @Test
    @Tag("row:8.4")
    void items_fromSeveralInputs_areCopiedInOrder() throws Exception {
        copying.second().file("a.txt", "second");
        CopyItem.Paths other = CopyItem.Paths.of(2, "a.txt");
        assertThat(copying.run(of("/x/", path("a.txt"), other))).containsEntry("x/a.txt", "second");
        assertThat(copying.run(of("/x/", other, path("a.txt")))).containsEntry("x/a.txt", "a");
        assertThat(copying.run(of("/one", path("a.txt"), path("b.md")))).as("without a slash each is the destination")
            .containsEntry("one", "b");
    }

    @Test
    @Tag("row:8.1.4")
    void directoryAsItIs_becomesTheDestinationWhenThatIsMissing() throws Exception {
        from.mode(".", "rwxr-x--x").modified(".", OLD);
        assertThat(copying.run(of("/x/y", asItIs(".")))).containsEntry("x/y/d/f.txt", "f");
        assertThat(to.permissions("x/y")).isEqualTo("rwxr-x--x");
        assertThat(modified(to, "x/y")).isEqualTo(OLD);
        copying.run(of("/z/", asItIs(".")));
        assertThat(to.permissions("z")).as("made for the slash").isEqualTo("rwxr-xr-x");
        from.file("*", "star");
        assertThat(copying.run(of("/name", asItIs("*")))).containsEntry("name", "star");
    }

    @Test
    @Tag("row:8.1.1")
    void archive_isToldByItsContentAndUnpackedOntoWhatIsThere() throws Exception {
        copying.tar("t.data", Map.of("in/tar", "t", "f", "new"));
        to.file("x/f", "old").file("x/kept", "k");
        assertThat(copying.run(of("/x", archive("t.data")))).isEqualTo(
                Map.of("x", "/", "x/f", "new", "x/in", "/", "x/in/tar", "t", "x/kept", "k"));
        assertThat(modified(to, "x/f")).isEqualTo(OLD.truncatedTo(ChronoUnit.SECONDS));
        assertThat(copying.run(of("/y/", path("t.data")))).containsKey("y/t.data");
    }

    @Test
    @Tag("row:8.1.1")
    void archive_amongOtherSources_leavesThoseAsFiles() throws Exception {
        copying.tar("t.tar", Map.of("in", "t"));
        from.file("n.tar", "no archive");
        copying.tar("d/inner.tar", Map.of("never", "unpacked"));
        assertThat(copying.run(of("/x/", archive("*.tar"), archive("a.txt"), archive("d")))).containsKeys("x/in",
                "x/n.tar", "x/a.txt", "x/inner.tar")
            .doesNotContainKeys("x/t.tar", "x/never");
        assertThat(copying.warnings).isEmpty();
    }

    @Test
    @Tag("row:8.1.1")
    void archive_keepsItsOwnModesAndIgnoresExcludes() throws Exception {
        copying.tar("t.tar", Map.of("in/a", "t"));
        OpSpec.Copy copy = new OpSpec.Copy(List.of(archive("t.tar")), "/x/y", Optional.empty(), Optional.of("777"),
                List.of("in"), false);
        assertThat(copying.run(copy)).containsEntry("x/y/in/a", "t");
        assertThat(to.permissions("x/y/in/a")).isEqualTo("rw-r-----");
        assertThat(to.permissions("x/y")).isEqualTo("rwxr-xr-x");
    }

    @Test
    @Tag("row:8.1.1")
    void archive_ontoAFile_isRefused() throws Exception {
        copying.tar("t.tar", Map.of("in", "t"));
        to.file("x", "file");
        assertThatThrownBy(() -> copying.run(of("/x", archive("t.tar")))).isInstanceOf(StepFailed.class)
            .hasMessage("mkdir /x: not a directory");
    }

    @Test
    @Tag("row:8.1.1")
    void archive_throughLinksOfTheDestination_staysInside() throws Exception {
        copying.tar("t.tar", Map.of("l/in", "t"));
        Files.createDirectories(temp.resolve("outside"));
        to.directory("real").link("x", "/real").link("real/l", "../../outside");
        copying.run(of("/x/", archive("t.tar")));
        assertThat(temp.resolve("outside")).isEmptyDirectory();
        assertThat(to.content()).containsValue("t");
    }

    @Test
    @Tag("row:8.14")
    void chmod_ofALinkedCopy_isNotForDirectoriesOnTheWay() throws Exception {
        OpSpec.Copy plain = chmod("600", "/etc/app/a.txt", path("a.txt"));
        copying.run(new OpSpec.Copy(plain.items(), plain.destination(), plain.owner(), plain.mode(), plain.excludes(),
                true, false));

        assertThat(Files.getPosixFilePermissions(to.root().resolve("etc/app/a.txt")))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(to.root().resolve("etc")))
            .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    @Tag("row:8.1.1")
    void archive_damaged_failsTheStep() throws Exception {
        copying.tar("t.tar", Map.of("in", "t".repeat(5000)));
        Path tar = from.root().resolve("t.tar");
        Files.write(tar, java.util.Arrays.copyOf(Files.readAllBytes(tar), 2000));
        assertThatThrownBy(() -> copying.run(of("/x", archive("t.tar")))).isInstanceOf(StepFailed.class)
            .hasMessageStartingWith("unpacking /t.tar: unexpected EOF or damaged data: ");
    }
}
