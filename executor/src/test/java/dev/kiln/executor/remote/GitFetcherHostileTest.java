package dev.kiln.executor.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.executor.remote.FetchException.Code;
import dev.kiln.executor.remote.GitServer.Repository;
import dev.kiln.layercache.content.DiskContentStore;

import static dev.kiln.executor.remote.GitFetcherTest.secret;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Addresses, repositories and servers that are up to something. */
class GitFetcherHostileTest {
    private static final GitTree PLAIN = new GitTree("", false, true, false);
    private static final RemotePolicy LOCAL = RemotePolicy.allowing(List.of("127.0.0.1"));

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
        sources = sources(LOCAL);
    }

    private RemoteSources sources(RemotePolicy policy) throws IOException {
        return RemoteSources.open(temp.resolve("remote"), policy, content, InstantSource.system());
    }

    private void reopen(RemotePolicy policy) throws IOException {
        sources.close();
        sources = sources(policy);
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
        content.close();
        server.close();
    }

    private Path checkOut(String url, GitTree tree, RemoteAuth auth) throws IOException, InterruptedException {
        Path into = Files.createDirectory(temp.resolve("tree" + trees++));
        GitSource source = GitSource.of(url, "main");
        sources.git().checkOut(source, sources.git().resolve(source, auth), tree, auth, into, (bytes, length) -> {});
        return into;
    }

    private void assertRefused(Code code, String message, String url, GitTree tree) {
        assertThatExceptionOfType(FetchException.class).isThrownBy(() -> checkOut(url, tree, RemoteAuth.NONE))
            .withMessageContaining(message)
            .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:%d/r.git", "http://localhost:%d/r.git", "git://127.0.0.1:%d/r.git",
        "ssh://git@127.0.0.1:%d/r.git", "git@localhost:r.git", "http://[::1]:%d/r.git",
        "http://[::ffff:127.0.0.1]:%d/r",
        "http://10.1.2.3/r.git", "http://169.254.169.254/r.git", "http://2130706433/r.git"})
    void privateAddress_isRefused_unlessAllowed(String url) throws IOException {
        reopen(RemotePolicy.STANDARD);

        assertRefused(Code.REFUSED, "is at a private address",
                url.replace("%d", server.authority().substring(server.authority().indexOf(':') + 1)), PLAIN);
        assertThat(server.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///srv/r.git", "/srv/r.git", "ext::sh -c id", "ftp://127.0.0.1/r.git",
        "-u@127.0.0.1:x",
        "git@127.0.0.1:-x", "--upload-pack=id", "ssh://-oProxyCommand=id/x", "ssh://-oProxyCommand=id@127.0.0.1/x"})
    void address_otherThanTheFourKinds_isRefused(String url) {
        assertThatExceptionOfType(FetchException.class).isThrownBy(() -> checkOut(url, PLAIN, RemoteAuth.NONE))
            .satisfies(e -> assertThat(e.code()).isEqualTo(Code.REFUSED));
    }

    @Test
    void redirect_toAPrivateHost_isNotFollowed() throws Exception {
        server.repository("r.git").commit("x");
        try (HttpFixture redirecting = new HttpFixture()) {
            redirecting.answer("/r.git/info/refs", exchange -> {
                exchange.getResponseHeaders()
                    .set("Location",
                            server.url("r.git/info/refs?service=git-upload-pack").replace("127.0.0.1", "127.0.0.2"));
                exchange.sendResponseHeaders(302, -1);
            });

            assertRefused(Code.UNAVAILABLE, "failed to fetch remote", redirecting.url("/r.git"), PLAIN);
        }
        assertThat(server.requests).isEmpty();
    }

    @Test
    void submodule_thatIsNotForUs_isRefused() throws Exception {
        Path secret = Files.createDirectory(temp.resolve("secret"));
        List<String> urls = List.of("file://" + secret, secret.toString(), "ext::sh -c touch% " + secret + "/x",
                "http://10.0.0.1/x.git", "--upload-pack=touch", "ssh://-oProxyCommand=touch/x", "../../../../x");
        server.repository("fine.git").file("f", "x").commit("fine");
        for (int i = 0; i < urls.size(); i++) {
            String name = "bad" + i + ".git";
            Repository repository = server.repository(name);
            repository.git("submodule", "--quiet", "add", server.url("fine.git"), "sub");
            repository.git("config", "-f", ".gitmodules", "submodule.sub.url", urls.get(i));
            repository.commit("bad");

            assertRefused(Code.REFUSED, "failed to update submodules for " + server.url(name), server.url(name), PLAIN);
        }
        assertThat(secret).isEmptyDirectory();
    }

    @Test
    void submodule_withoutAddress_isRefused_andUnwantedOneLeftOut() throws Exception {
        server.repository("fine.git").file("f", "x").commit("fine");
        Repository repository = server.repository("r.git");
        repository.git("submodule", "--quiet", "add", server.url("fine.git"), "sub");
        repository.git("config", "-f", ".gitmodules", "submodule.sub.update", "none");
        repository.commit("none");
        assertThat(checkOut(server.url("r.git"), PLAIN, RemoteAuth.NONE).resolve("sub")).isEmptyDirectory();

        repository.git("config", "-f", ".gitmodules", "--unset", "submodule.sub.url");
        repository.commit("unset");
        assertRefused(Code.REFUSED, "No url found for submodule path 'sub' in .gitmodules", server.url("r.git"), PLAIN);
    }

    @Test
    void subdirectory_thatIsNone_isRefused() throws Exception {
        Repository repository = server.repository("r.git").file("file", "x");
        Files.createSymbolicLink(repository.tree.resolve("link"), Path.of("/"));
        Files.createSymbolicLink(repository.tree.resolve("up"), Path.of(".."));
        repository.commit("links");

        for (String subdirectory : List.of("link", "link/etc", "up", "file", "..")) {
            assertRefused(Code.REFUSED, "contains non-directory", server.url("r.git"),
                    new GitTree(subdirectory, false, true, false));
        }
        assertRefused(Code.NOT_FOUND, "no such file or directory", server.url("r.git"),
                new GitTree("none", false, true, false));
    }

    @Test
    void filtersAndHooks_ofARepository_doNotRun() throws Exception {
        Path witness = temp.resolve("witness");
        Repository repository = server.repository("r.git")
            .file("f", "x")
            .file(".gitattributes", "* filter=evil\n*.ps1 text eol=crlf working-tree-encoding=UTF-16\n")
            .file(".gitconfig", "[filter \"evil\"]\n\tsmudge = touch " + witness + "\n")
            .file(".lfsconfig", "[lfs]\n\turl = http://10.0.0.1/\n")
            .file("hooks/post-checkout", "#!/bin/sh\ntouch " + witness + "\n");
        repository.tree.resolve("hooks/post-checkout").toFile().setExecutable(true);
        repository.commit("evil");

        assertThat(checkOut(server.url("r.git"), new GitTree("", true, true, false), RemoteAuth.NONE).resolve("f"))
            .hasContent("x");
        assertThat(witness).doesNotExist();
    }

    @Test
    void secrets_areShownToTheirSiteAlone() throws Exception {
        try (GitServer other = new GitServer(temp.resolve("other/served"))) {
            other.repository("sub.git").file("s", "s\n").commit("sub");
            Repository repository = server.repository("r.git");
            repository.git("submodule", "--quiet", "add", other.url("sub.git"), "sub");
            repository.commit("with a submodule elsewhere");
            other.requests.clear();

            checkOut(server.url("r.git"), PLAIN, secret("GIT_AUTH_TOKEN", "t0ken"));

            String shown = RemoteAuth.basic("x-access-token:t0ken");
            assertThat(server.requests).allMatch(request -> request.endsWith(shown));
            assertThat(other.requests).isNotEmpty().allMatch(request -> request.endsWith(" null"));
        }
    }

    @Test
    void secret_ofSeveralLines_isRefused_withoutShowingIt() {
        assertThatExceptionOfType(FetchException.class)
            .isThrownBy(() -> checkOut(server.url("r.git"), PLAIN, secret("GIT_AUTH_HEADER", "a\nb: c")))
            .withMessageContaining("GIT_AUTH_HEADER")
            .satisfies(e -> assertThat(e.getMessage()).doesNotContain("b: c"));
    }

    @Test
    void limits_ofEntriesAndBytes_areKept() throws Exception {
        Repository repository = server.repository("r.git");
        for (int i = 0; i < 20; i++) {
            repository.file("f" + i, "x".repeat(10_000));
        }
        repository.commit("many");

        reopen(LOCAL.with(new RemotePolicy.Limits(1 << 20, 19, Duration.ofMinutes(1))));
        assertRefused(Code.TOO_LARGE, "more than 19 files", server.url("r.git"), PLAIN);
        reopen(LOCAL.with(new RemotePolicy.Limits(199_999, 100, Duration.ofMinutes(1))));
        assertRefused(Code.TOO_LARGE, "199999 bytes", server.url("r.git"), PLAIN);
    }

    @Test
    void limit_ofTime_endsAServerThatSaysNothing() throws Exception {
        try (HttpFixture silent = new HttpFixture()) {
            silent.answer("/r.git/info/refs", exchange -> silent.hold());
            reopen(LOCAL.with(new RemotePolicy.Limits(1 << 20, 19, Duration.ofMillis(700))));

            assertRefused(Code.TOO_LARGE, "took longer", silent.url("/r.git"), PLAIN);
        }
    }

    @Test
    void interrupt_endsGitAndAllItStarted() throws Exception {
        try (HttpFixture silent = new HttpFixture()) {
            silent.answer("/r.git/info/refs", exchange -> silent.hold());
            Thread fetching = Thread.ofPlatform().start(() -> {
                try {
                    checkOut(silent.url("/r.git"), PLAIN, RemoteAuth.NONE);
                } catch (IOException | InterruptedException _) {
                    // as expected
                }
            });
            silent.awaitRequest();
            List<ProcessHandle> programs = ProcessHandle.current().descendants().toList();
            assertThat(programs).hasSizeGreaterThan(1);

            fetching.interrupt();
            fetching.join(5_000);

            assertThat(fetching.isAlive()).isFalse();
            for (ProcessHandle program : programs) {
                program.onExit().orTimeout(5, TimeUnit.SECONDS).join();
            }
        }
    }
}
