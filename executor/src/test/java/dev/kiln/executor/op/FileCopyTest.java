package dev.kiln.executor.op;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.solver.StepFailed;
import dev.kiln.layercache.posix.FileStat.Device;
import dev.kiln.layercache.posix.FileType;
import dev.kiln.layercache.posix.Posix;
import dev.kiln.layercache.posix.RawPath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FileCopyTest {
    private static final Instant OLD = Instant.parse("2001-02-03T04:05:06.789Z");

    @TempDir
    Path temp;
    private Copying copying;
    private Tree from;
    private Tree to;

    @BeforeEach
    void make() {
        copying = new Copying(temp);
        from = copying.from;
        to = copying.to;
    }

    private Map<String, String> copy(String destination, String... sources) throws Exception {
        return copying.run(new OpSpec.Copy(List.of(sources), destination, Optional.empty()));
    }

    @Test
    @Tag("row:8.2")
    @Tag("row:8.3")
    void file_ontoNothing_becomesTheDestination() throws Exception {
        from.file("a", "1");
        assertThat(copy("/x/y", "a")).isEqualTo(Map.of("x", "/", "x/y", "1"));
        assertThat(to.permissions("x")).isEqualTo("rwxr-xr-x");
    }

    @Test
    @Tag("row:8.2")
    @Tag("row:8.3")
    void file_ontoDirectoryOrSlash_goesInto() throws Exception {
        from.file("d/a", "1");
        to.directory("there");
        assertThat(copy("/there", "d/a")).containsEntry("there/a", "1");
        assertThat(copy("/new/", "d/a")).containsEntry("new/a", "1");
    }

    @Test
    @Tag("row:8.3")
    void file_ontoFile_replacesItAndItsMode() throws Exception {
        from.file("a", "new").mode("a", "rwxr-x---").modified("a", OLD);
        to.file("a", "old");
        assertThat(copy("/a", "a")).containsEntry("a", "new");
        assertThat(to.permissions("a")).isEqualTo("rwxr-x---");
        assertThat(Files.getLastModifiedTime(to.root().resolve("a")).toInstant()).isEqualTo(OLD);
    }

    @Test
    @Tag("row:8.4")
    void directory_ontoDirectory_isMergedByContents() throws Exception {
        from.file("d/a", "new")
            .file("d/sub/b", "2")
            .mode("d", "rwx------")
            .mode("d/sub", "rwxrwxr-x")
            .modified("d/sub", OLD)
            .modified("d", OLD.plusSeconds(1));
        to.file("x/a", "old").file("x/c", "3").file("x/sub/e", "5").mode("x", "rwxr-x--x").mode("x/sub", "rwx------");
        assertThat(copy("/x", "d")).isEqualTo(Map.of("x", "/", "x/a", "new", "x/c", "3", "x/sub", "/", "x/sub/b", "2",
                "x/sub/e", "5"));
        assertThat(to.permissions("x")).as("the destination keeps its mode").isEqualTo("rwxr-x--x");
        assertThat(to.permissions("x/sub")).as("what is below gets the source's").isEqualTo("rwxrwxr-x");
        assertThat(Files.getLastModifiedTime(to.root().resolve("x/sub")).toInstant()).isEqualTo(OLD);
        assertThat(Files.getLastModifiedTime(to.root().resolve("x")).toInstant()).isEqualTo(OLD.plusSeconds(1));
    }

    @Test
    @Tag("row:8.2")
    @Tag("row:8.4")
    void directory_ontoNothing_isMadeAnew() throws Exception {
        from.file("d/a", "1").mode("d", "rwx------");
        assertThat(copy("/x/y", "d")).isEqualTo(Map.of("x", "/", "x/y", "/", "x/y/a", "1"));
        assertThat(to.permissions("x/y")).isEqualTo("rwxr-xr-x");
    }

    @Test
    @Tag("row:8.4")
    void root_ofTheSource_copiesEverything() throws Exception {
        from.file("a", "1").file("d/b", "2");
        assertThat(copy("/", ".")).isEqualTo(Map.of("a", "1", "d", "/", "d/b", "2"));
    }

    @Test
    @Tag("row:8.4")
    void kinds_thatDoNotGoTogether_areRefused() throws Exception {
        from.file("d/a", "1").file("f/a/b", "2").file("plain", "3");
        to.file("file", "x").directory("x/a");
        assertThatThrownBy(() -> copy("/file", "d")).isInstanceOf(StepFailed.class)
            .hasMessage("cannot copy to non-directory: /file");
        assertThatThrownBy(() -> copy("/x", "d")).isInstanceOf(StepFailed.class)
            .hasMessage("cannot replace to directory /x/a with file");
        to.file("y/a", "4");
        assertThatThrownBy(() -> copy("/y", "f")).isInstanceOf(StepFailed.class)
            .hasMessage("cannot copy to non-directory: /y/a");
        assertThatThrownBy(() -> copy("/file/", "plain")).isInstanceOf(StepFailed.class)
            .hasMessage("mkdir /file: not a directory");
        assertThatThrownBy(() -> copy("/file/deep/er", "plain")).isInstanceOf(StepFailed.class)
            .hasMessage("mkdir /file: not a directory");
    }

    @Test
    @Tag("row:8.6")
    void source_missing_isNamedFromTheRoot() {
        assertThatThrownBy(() -> copy("/x", "no/such")).isInstanceOf(StepFailed.class)
            .hasMessage("\"/no/such\": not found");
    }

    @Test
    @Tag("row:8.6")
    void wildcard_files_matchWithinOneDirectoryAndMayMatchNothing() throws Exception {
        from.file("a1", "1").file("a2", "2").file("b1", "3").file("d/a3", "4").file("a4/x", "5");
        assertThat(copy("/x/", "a*")).isEqualTo(Map.of("x", "/", "x/a1", "1", "x/a2", "2", "x/x", "5"));
        assertThat(copy("/y/", "*/a?")).isEqualTo(Map.of("x", "/", "x/a1", "1", "x/a2", "2", "x/x", "5", "y", "/",
                "y/a3", "4"));
        assertThat(copy("/z/", "nothing*")).doesNotContainKey("z");
        assertThatThrownBy(() -> copy("/z/", "[")).isInstanceOf(StepFailed.class)
            .hasMessage("\"[\": syntax error in pattern");
    }

    @Test
    @Tag("row:8.5")
    @Tag("row:8.8")
    void links_inTheSourcePath_areFollowedInsideTheSource() throws Exception {
        from.file("real/a", "1").link("abs", "/real").link("up", "../../../real/a").link("real/hop", "/abs/a");
        Files.writeString(temp.resolve("secret"), "no");
        from.link("escape", "../secret");
        assertThat(copy("/1/", "abs/a")).containsEntry("1/a", "1");
        assertThat(copy("/2", "up")).containsEntry("2", "1");
        assertThat(copy("/3", "abs/hop")).containsEntry("3", "1");
        assertThat(copy("/4/", "abs/h*")).containsEntry("4/hop", "1");
        assertThatThrownBy(() -> copy("/5", "escape")).isInstanceOf(StepFailed.class)
            .hasMessage("\"/escape\": not found");
    }

    @Test
    @Tag("row:8.8")
    void links_insideACopiedDirectory_areKept() throws Exception {
        from.file("d/a", "1").link("d/l", "/outside/passwd").link("d/m", "a");
        to.file("x/l", "replaced");
        assertThat(copy("/x", "d")).containsEntry("x/l", "-> /outside/passwd").containsEntry("x/m", "-> a");
    }

    @Test
    @Tag("row:8.9")
    void links_inTheDestination_areFollowedInsideTheRoot() throws Exception {
        from.file("a", "1").file("d/sub/b", "2");
        Files.createDirectories(temp.resolve("outside"));
        to.directory("real").link("link", "/real").link("evil", "../outside").link("dangling", "/later/on");
        copy("/link/", "a");
        copy("/evil/x", "a");
        copy("/dangling", "d");
        assertThat(to.content()).containsEntry("real/a", "1")
            .containsEntry("outside/x", "1")
            .containsEntry("later/on/sub/b", "2");
        assertThat(temp.resolve("outside")).isEmptyDirectory();
    }

    @Test
    @Tag("row:8.9")
    void link_inTheWayOfADirectory_isNotFollowed() throws Exception {
        from.file("d/sub/b", "2");
        Files.createDirectories(temp.resolve("outside"));
        to.link("x/sub", "../../outside");
        assertThatThrownBy(() -> copy("/x", "d")).isInstanceOf(StepFailed.class)
            .hasMessage("cannot copy to non-directory: /x/sub");
        assertThat(temp.resolve("outside")).isEmptyDirectory();
    }

    @Test
    void hardLinks_amongCopiedFiles_areKept() throws Exception {
        from.file("d/a", "1");
        Files.createLink(from.root().resolve("d/b"), from.root().resolve("d/a"));
        copy("/x", "d");
        assertThat(Files.getAttribute(to.root().resolve("x/a"), "unix:ino"))
            .isEqualTo(Files.getAttribute(to.root().resolve("x/b"), "unix:ino"));
    }

    @Test
    @Tag("row:8.10")
    void specialFiles_areMadeAgainAndSocketsBecomeEmptyFiles() throws Exception {
        from.directory("d");
        Posix.mknod(RawPath.of(from.root().resolve("d/fifo")), FileType.FIFO, 0600, Device.NONE);
        Posix.mknod(RawPath.of(from.root().resolve("d/socket")), FileType.SOCKET, 0600, Device.NONE);
        assertThat(copy("/x", "d")).containsEntry("x/fifo", "special").containsEntry("x/socket", "");
    }

    @Test
    void bigFile_isCopiedWhole() throws Exception {
        byte[] much = new byte[5_000_001];
        new java.util.Random(1).nextBytes(much);
        Files.createDirectories(from.root());
        Files.write(from.root().resolve("big"), much);
        new FileCopy(new OpSpec.Copy(List.of("big"), "/", Optional.empty()), Root.of(to.root()),
                input -> Root.of(from.root()), Optional.empty(), (stream, bytes, length) -> {
                    // nothing to say
                })
            .run();
        assertThat(to.root().resolve("big")).hasBinaryContent(much);
    }

    @Test
    void severalSources_goIntoTheDirectory() throws Exception {
        from.file("a", "1").file("d/b", "2").file("d/c/e", "3");
        assertThat(copy("/x/", "a", "d")).isEqualTo(Map.of("x", "/", "x/a", "1", "x/b", "2", "x/c", "/", "x/c/e", "3"));
    }
}
