package dev.kiln.executor.remote;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.executor.remote.GitServer.Repository;
import dev.kiln.layercache.content.DiskContentStore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** With a real git on both sides. What must not happen is in {@link GitFetcherHostileTest}. */
class GitFetcherTest {
    private static final GitTree PLAIN = new GitTree("", false, true, false);

    @TempDir
    Path temp;

    private GitServer server;
    private DiskContentStore content;
    private RemoteSources sources;
    private int trees;

    @BeforeEach
    void open() throws IOException {
        server = new GitServer(temp.resolve("served"));
        content = DiskContentStore.open(temp.resolve("content"));
        sources = RemoteSources.open(temp.resolve("remote"), RemotePolicy.allowing(List.of("127.0.0.1")), content,
                InstantSource.system());
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
        content.close();
        server.close();
    }

    private String resolve(String url, String ref) throws IOException, InterruptedException {
        return sources.git().resolve(GitSource.of(url, ref), RemoteAuth.NONE);
    }

    private Path checkOut(GitSource source, GitTree tree) throws IOException, InterruptedException {
        return checkOut(source, sources.git().resolve(source, RemoteAuth.NONE), tree, RemoteAuth.NONE);
    }

    private Path checkOut(GitSource source, String commit, GitTree tree, RemoteAuth auth)
            throws IOException, InterruptedException {
        Path into = Files.createDirectory(temp.resolve("tree" + trees++));
        sources.git().checkOut(source, commit, tree, auth, into, (bytes, length) -> {});
        return into;
    }

    static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> !path.equals(directory))
                .map(path -> directory.relativize(path).toString())
                .sorted()
                .toList();
        }
    }

    private void assertRefused(Code code, String message, GitSource source) {
        assertThatExceptionOfType(FetchException.class).isThrownBy(() -> checkOut(source, PLAIN))
            .withMessageContaining(message)
            .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    private record History(Repository repository, String base, String tagged, String latest) {}

    private History history() throws IOException, InterruptedException {
        Repository repository = server.repository("r.git");
        String base = repository.file("foo", "base\n").file("sub/foo", "below\n").commit("base");
        repository.git("branch", "base");
        String tagged = repository.file("foo", "v1\n").commit("v1");
        repository.git("tag", "v1");
        repository.git("tag", "-a", "annotated", "-m", "a tag with an object of its own");
        String latest = repository.file("foo", "latest\n").commit("latest");
        return new History(repository, base, tagged, latest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dumb/"})
    void resolve_everyFormOfReference_isTheCommit(String kind) throws Exception {
        History history = history();
        String url = server.url(kind + "r.git");

        assertThat(resolve(url, "")).isEqualTo(history.latest);
        assertThat(resolve(url, "main")).isEqualTo(history.latest);
        assertThat(resolve(url, "refs/heads/base")).isEqualTo(history.base);
        assertThat(resolve(url, "base")).isEqualTo(history.base);
        for (String tag : List.of("v1", "refs/tags/v1", "tags/v1", "annotated", "refs/tags/annotated")) {
            assertThat(resolve(url, tag)).as(tag).isEqualTo(history.tagged);
        }
    }

    @Test
    void resolve_branchAndTagOfOneName_isTheBranch() throws Exception {
        History history = history();
        history.repository.git("tag", "base");
        history.repository.publish();

        assertThat(resolve(server.url("r.git"), "base")).isEqualTo(history.base);
    }

    @Test
    void resolve_commitOrFetchByCommit_asksNobody() throws Exception {
        String commit = "0123456789".repeat(4);
        String nowhere = "http://127.0.0.1:1/none.git";

        assertThat(resolve(nowhere, commit)).isEqualTo(commit);
        assertThat(sources.git().resolve(new GitSource(nowhere, "main", Optional.of(commit), true), RemoteAuth.NONE))
            .isEqualTo(commit);
    }

    @Test
    void resolve_checksum_isComparedByItsFirstDigits() throws Exception {
        History history = history();
        String tag = history.repository.git("rev-parse", "annotated");
        String url = server.url("r.git");

        for (String digits : List.of(history.tagged, history.tagged.substring(0, 8), tag, tag.substring(0, 8))) {
            GitSource source = new GitSource(url, "annotated", Optional.of(digits), false);
            assertThat(sources.git().resolve(source, RemoteAuth.NONE)).isEqualTo(history.tagged);
        }
        String other = history.base.substring(0, 8);
        assertRefused(Code.REFUSED, "expected checksum to match " + other + ", got " + tag + " or " + history.tagged,
                new GitSource(url, "annotated", Optional.of(other), false));
        assertRefused(Code.REFUSED, "expected checksum to match " + history.base + ", got " + history.latest,
                new GitSource(url, "", Optional.of(history.base), false));
        assertRefused(Code.REFUSED, "expected checksum to match ab, got 00",
                new GitSource(url, "0".repeat(40), Optional.of("ab"), false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            v1     | xyz  | false | invalid checksum xyz for Git URL, expected hex commit hash
            --help | -    | false | invalid git ref "--help"
            v1     | -    | true  | fetch-by-commit requires a checksum or a commit SHA ref
            v1     | abcd | true  | fetch-by-commit requires a full commit SHA checksum, got "abcd"
            """)
    void resolve_whatCannotBe_isRefused(String ref, String checksum, boolean byCommit, String message) {
        assertRefused(Code.REFUSED, message,
                new GitSource(server.url("r.git"), ref, Optional.ofNullable(checksum), byCommit));
    }

    @Test
    void resolve_referenceThatIsNotThere_isSaid() throws Exception {
        History history = history();
        String url = server.url("r.git");

        for (String ref : List.of("none", "refs/heads/v1", "refs/tags/base", history.base.substring(0, 8))) {
            assertRefused(Code.NOT_FOUND, "repository does not contain ref " + ref, GitSource.of(url, ref));
        }
        assertRefused(Code.NOT_FOUND, "failed to fetch remote " + server.url("none.git"),
                GitSource.of(server.url("none.git"), "main"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dumb/"})
    void checkOut_files_areThoseOfTheCommit(String kind) throws Exception {
        Repository repository = server.repository("r.git");
        repository.file("dir/plain", "text\n").file("run.sh", "#!/bin/sh\n");
        Files.setPosixFilePermissions(repository.tree.resolve("run.sh"), PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(repository.tree.resolve("link"), Path.of("/etc/passwd"));
        repository.commit("all kinds");

        Path tree = checkOut(GitSource.of(server.url(kind + "r.git"), ""), PLAIN);

        assertThat(names(tree)).containsExactly("dir", "dir/plain", "link", "run.sh");
        assertThat(tree.resolve("dir/plain")).hasContent("text\n");
        assertThat(Files.readSymbolicLink(tree.resolve("link"))).isEqualTo(Path.of("/etc/passwd"));
        assertThat(mode(tree.resolve("dir"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(tree.resolve("dir/plain"))).isEqualTo("rw-r--r--");
        assertThat(mode(tree.resolve("run.sh"))).isEqualTo("rwxr-xr-x");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void checkOut_emptyCommit_isEmpty() throws Exception {
        server.repository("r.git").commit("nothing");

        assertThat(checkOut(GitSource.of(server.url("r.git"), ""), PLAIN)).isEmptyDirectory();
    }

    @Test
    void checkOut_branchThatMovedOn_isTheCommitThatWasLookedUp() throws Exception {
        History history = history();
        history.repository.file("foo", "newer\n").commit("newer");

        Path tree = checkOut(GitSource.of(server.url("r.git"), "main"), history.latest, PLAIN, RemoteAuth.NONE);

        assertThat(tree.resolve("foo")).hasContent("latest\n");
    }

    @Test
    void checkOut_secondTime_fetchesNothing_andThenWhatIsNew() throws Exception {
        History history = history();
        GitSource source = GitSource.of(server.url("r.git"), "main");
        checkOut(source, PLAIN);
        server.requests.clear();

        assertThat(checkOut(source, history.latest, PLAIN, RemoteAuth.NONE).resolve("foo")).hasContent("latest\n");
        assertThat(server.requests).isEmpty();

        history.repository.file("foo", "newer\n").commit("newer");
        assertThat(checkOut(source, PLAIN).resolve("foo")).hasContent("newer\n");
        assertThat(temp.resolve("remote/mirrors").toFile().list()).hasSize(1);
    }

    @Test
    void checkOut_mirrorThatIsBroken_isMadeAnew() throws Exception {
        History history = history();
        GitSource source = GitSource.of(server.url("r.git"), "main");
        checkOut(source, PLAIN);
        try (Stream<Path> all = Files.walk(temp.resolve("remote/mirrors"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        history.repository.file("foo", "newer\n").commit("newer");

        assertThat(checkOut(source, PLAIN).resolve("foo")).hasContent("newer\n");
    }

    @Test
    void checkOut_subdirectory_isTheRoot() throws Exception {
        Repository repository = server.repository("r.git");
        repository.file("a/b/c", "c\n").file("a/b/d/e", "e\n").file("other", "x\n").commit("deep");

        Path tree = checkOut(GitSource.of(server.url("r.git"), ""), new GitTree("a/b", true, true, false));

        assertThat(names(tree)).containsExactly("c", "d", "d/e");
    }

    @Test
    void checkOut_commitTimes_areThoseOfAllFiles() throws Exception {
        History history = history();
        GitSource source = GitSource.of(server.url("r.git"), "v1");
        Instant time = Instant.ofEpochSecond(Repository.FIRST + 60);

        Path tree = checkOut(source, new GitTree("", true, true, true));

        assertThat(sources.git().commitTime(source, history.tagged, RemoteAuth.NONE)).isEqualTo(time);
        for (String name : List.of("", "foo", "sub", "sub/foo", ".git/HEAD")) {
            assertThat(Files.getLastModifiedTime(tree.resolve(name)).toInstant()).as(name).isEqualTo(time);
        }
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            -,            refs/heads/main
            base,         refs/heads/base
            refs/tags/v1, refs/tags/v1
            v1,           refs/heads/v1
            annotated,    refs/tags/annotated
            """)
    void checkOut_keptRepository_knowsItsReference_andNothingOfThisMachine(String ref, String local) throws Exception {
        history();
        GitSource source = GitSource.of("http://me:password@" + server.authority() + "/r.git", ref == null ? "" : ref);
        String commit = sources.git().resolve(source, RemoteAuth.NONE);
        checkOut(source, PLAIN);

        Path tree = checkOut(source, new GitTree("", true, true, false));

        assertThat(tree.resolve(".git/HEAD")).hasContent(commit + "\n");
        assertThat(git(tree, "status", "--porcelain")).isEmpty();
        assertThat(git(tree, "rev-parse", local + "^{commit}")).isEqualTo(commit);
        assertThat(git(tree, "log", "--format=%H")).isEqualTo(commit);
        assertThat(git(tree, "cat-file", "-t", local)).isEqualTo("annotated".equals(ref) ? "tag" : "commit");
        assertThat(git(tree, "remote", "get-url", "origin")).isEqualTo(server.url("r.git"));
        assertThat(tree.resolve(".git/FETCH_HEAD")).doesNotExist();
        for (String name : names(tree.resolve(".git"))) {
            Path file = tree.resolve(".git").resolve(name);
            if (Files.isRegularFile(file)) {
                assertThat(new String(Files.readAllBytes(file), UTF_8)).as(name)
                    .doesNotContain(temp.toString())
                    .doesNotContain("password");
            }
        }
    }

    private static String git(Path tree, String... arguments) throws IOException, InterruptedException {
        String[] line = Stream.concat(Stream.of("git", "-C", tree.toString()), Stream.of(arguments))
            .toArray(String[]::new);
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void checkOut_submodules_areFetched_alsoNestedAndRelative() throws Exception {
        server.repository("inner.git").file("deep", "3\n").commit("inner");
        Repository middle = server.repository("middle.git").file("two", "2\n");
        middle.git("submodule", "--quiet", "add", server.url("inner.git"), "nested/inner");
        middle.commit("middle");
        Repository outer = server.repository("outer.git").file("one", "1\n");
        outer.git("submodule", "--quiet", "add", server.url("middle.git"), "modules/middle");
        outer.git("config", "-f", ".gitmodules", "submodule.modules/middle.url", "../middle.git");
        outer.commit("outer");
        GitSource source = GitSource.of(server.url("outer.git"), "");

        Path tree = checkOut(source, PLAIN);
        assertThat(tree.resolve("one")).hasContent("1\n");
        assertThat(tree.resolve("modules/middle/two")).hasContent("2\n");
        assertThat(tree.resolve("modules/middle/nested/inner/deep")).hasContent("3\n");
        assertThat(names(tree)).noneMatch(name -> name.endsWith(".git"));

        Path without = checkOut(source, new GitTree("", false, false, false));
        assertThat(without.resolve("modules/middle")).isEmptyDirectory();

        Path kept = checkOut(source, new GitTree("", true, true, false));
        assertThat(git(kept.resolve("modules/middle"), "status", "--porcelain")).isEmpty();
        assertThat(git(kept, "status", "--porcelain")).isEmpty();
    }

    @Test
    void checkOut_privateRepository_takesSecretsOfEveryForm() throws Exception {
        server.repository("x-private.git").file("f", "secret\n").commit("x");
        GitSource source = GitSource.of(server.url("x-private.git"), "");
        String host = server.authority();
        server.authorization = RemoteAuth.basic("x-access-token:t0ken");

        assertThatExceptionOfType(FetchException.class).isThrownBy(() -> checkOut(source, PLAIN));
        for (String id : List.of("GIT_AUTH_TOKEN", "GIT_AUTH_TOKEN." + host)) {
            RemoteAuth auth = secret(id, "t0ken\n");
            assertThat(checkOut(source, sources.git().resolve(source, auth), PLAIN, auth).resolve("f"))
                .hasContent("secret\n");
        }
        server.authorization = "Bearer abc";
        for (String id : List.of("GIT_AUTH_HEADER", "GIT_AUTH_HEADER." + host)) {
            assertThat(sources.git().resolve(source, secret(id, "Bearer abc"))).hasSize(40);
        }
        server.authorization = RemoteAuth.basic("me:p@ss");
        assertThat(resolve("http://me:p%40ss@" + host + "/x-private.git", "")).hasSize(40);
    }

    static RemoteAuth secret(String id, String value) {
        return new RemoteAuth(asked -> asked.equals(id) ? Optional.of(value.getBytes(UTF_8)) : Optional.empty(),
                Optional::empty);
    }

    @Test
    void log_takesWhatGitSays_withoutSecrets() throws Exception {
        History history = history();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Path into = Files.createDirectory(temp.resolve("into"));

        sources.git()
            .checkOut(GitSource.of("http://me:password@" + server.authority() + "/r.git", "main"), history.latest,
                    PLAIN,
                    secret("GIT_AUTH_TOKEN", "t0ken"), into, (bytes, length) -> said.write(bytes, 0, length));

        assertThat(said.toString(UTF_8)).contains("From http://" + server.authority() + "/r")
            .doesNotContain("password")
            .doesNotContain("t0ken");
    }
}
