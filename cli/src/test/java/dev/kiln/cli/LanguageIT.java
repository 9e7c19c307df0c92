package dev.kiln.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** The language on a whole farm: what a step sees of what it was given, checked from inside of the build. */
@Tag("privileged")
class LanguageIT {
    @TempDir
    private static Path folder;
    private static FarmFixture farm;
    private static StaticFiles web;

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder, List.of("--allow-private", "127.0.0.1"));
        farm.importBusybox();
        Path root = Files.createDirectory(folder.resolve("web"));
        Files.writeString(root.resolve("file.txt"), "downloaded\n");
        repository(root);
        web = new StaticFiles(root);
    }

    @AfterAll
    static void stop() {
        web.close();
        farm.close();
    }

    /** A bare repository that a server of files can serve, its one commit of a known time. */
    private static void repository(Path root) throws Exception {
        Path work = Files.createDirectories(folder.resolve("work/sub")).getParent();
        Files.writeString(work.resolve("Dockerfile"), """
                FROM busybox
                ARG SOURCE_DATE_EPOCH
                COPY a sub/ /
                RUN cat /a /s && test "$SOURCE_DATE_EPOCH" = 1700000000 && test "$(stat -c %Y /a)" = 1700000000
                """);
        Files.writeString(work.resolve("a"), "a of git\n");
        Files.writeString(work.resolve("sub/s"), "s of git\n");
        run(work, "git", "init", "-q", "-b", "main");
        run(work, "git", "add", ".");
        run(work, "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "first");
        run(work, "git", "clone", "-q", "--bare", ".", root.resolve("repo.git").toString());
        run(root.resolve("repo.git"), "git", "update-server-info");
    }

    private static void run(Path folder, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).inheritIO();
        builder.environment().put("GIT_AUTHOR_DATE", "1700000000 +0000");
        builder.environment().put("GIT_COMMITTER_DATE", "1700000000 +0000");
        assertThat(builder.start().waitFor()).as("%s", List.of(command)).isZero();
    }

    private static void assertBuilds(String... args) throws Exception {
        Command.Result result = farm.kiln(args);
        assertThat(result.exit()).as(result.err()).isZero();
    }

    @Test
    @Tag("row:6.1.1")
    void run_everyMount_isThereForTheStepAlone(@TempDir Path outside) throws Exception {
        Path context = farm.context("mounts", """
                FROM busybox AS other
                RUN mkdir /o && echo other > /o/file
                FROM busybox
                RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=TOKEN \\
                    test "$(cat /run/secrets/token)" = hush && test "$TOKEN" = hush
                RUN test ! -e /run/secrets/token && test -z "$TOKEN"
                RUN --mount=type=cache,target=/c echo kept > /c/n
                RUN --mount=type=cache,target=/c cat /c/n
                RUN --mount=target=/ctx,rw --mount=from=other,source=/o/file,target=/f \\
                    test "$(cat /f)" = other && echo lost > /ctx/lost
                RUN --mount=target=/ctx test ! -e /ctx/lost && test -e /ctx/Dockerfile
                RUN --mount=type=tmpfs,target=/t,size=1m grep ' /t tmpfs' /proc/mounts
                RUN --mount=type=ssh,required=true test -S "$SSH_AUTH_SOCK"
                RUN <<-EOF
                	#!/bin/sh
                	test "$0" = /dev/pipes/EOF
                EOF
                """);
        Path token = Files.writeString(outside.resolve("token"), "hush");
        Path key = outside.resolve("key");
        run(outside, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString());

        assertBuilds("build", "--secret", "id=token,src=" + token, "--ssh", "default=" + key, context.toString());
    }

    @Test
    @Tag("row:10.2")
    void triggers_ofAPushedImage_runInTheNextBuild() throws Exception {
        assertBuilds("build", "-t", "trigger:1", "--push", farm.context("trigger", """
                FROM busybox
                ONBUILD COPY --from=tools /tool /tool
                ONBUILD RUN cat /tool
                """).toString());
        Path child = farm.context("child", """
                FROM busybox AS tools
                RUN echo tool > /tool
                FROM trigger:1
                RUN test "$(cat /tool)" = tool
                """);

        assertBuilds("build", child.toString());
    }

    @Test
    @Tag("row:11.5")
    @Tag("row:4.9")
    void context_gitRepository_isBuiltWithTheTimeOfItsCommit() throws Exception {
        assertBuilds("build", "--build-arg", "SOURCE_DATE_EPOCH=context", web.address("repo.git"));
    }

    @Test
    @Tag("row:8.1.2")
    @Tag("row:8.1.4")
    void add_downloadAndRepository_haveTheFilesOfBoth() throws Exception {
        Path context = farm.context("remote", """
                FROM busybox
                ADD %s /d/
                ADD %s#main:sub /g/
                RUN test "$(cat /d/file.txt)" = downloaded && test "$(stat -c '%%a %%Y' /d/file.txt)" = '600 1700000000' \\
                    && test "$(cat /g/s)" = 's of git' && test ! -e /g/.git
                """.formatted(web.address("file.txt"), web.address("repo.git")));

        assertBuilds("build", context.toString());
    }

    @Test
    @Tag("row:11.4")
    void dockerfile_thatIsIgnored_isUsedAndNotInTheContext() throws Exception {
        Path context = farm.context("ignored",
                "FROM busybox\nCOPY . /c\nRUN test ! -e /c/Dockerfile && test -e /c/x\n");
        Files.writeString(context.resolve(".dockerignore"), "Dockerfile\n.dockerignore\n");
        Files.writeString(context.resolve("x"), "x");

        assertBuilds("build", context.toString());
    }

    @Test
    void plan_ofAFolder_printsTheGraphAndRunsNothing() throws Exception {
        Path context = farm.context("plan", "FROM busybox\nCOPY Dockerfile /d\nRUN cat /d\n");

        Command.Result result = farm.kiln("plan", context.toString());

        assertThat(result.exit()).as(result.err()).isZero();
        JsonNode graph = new JsonMapper().readTree(result.out());
        assertThat(graph.path("vertices")).extracting(vertex -> vertex.path("op").path("type").asString())
            .containsExactly("image", "context", "copy", "run");
        assertThat(graph.path("vertices").get(3).path("inputs").get(0))
            .isEqualTo(graph.path("vertices").get(2).path("digest"));
    }

    @Test
    @Tag("row:12.21")
    void findings_ofAFileThatSaysSo_failTheBuildBeforeItsFirstStep() throws Exception {
        Path context = farm.context("checks", "# check=error=true\nFROM busybox\nRUN echo ran\nMAINTAINER ada\n");

        Command.Result result = farm.kiln("build", context.toString());

        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err())
            .contains("MaintainerDeprecated", "lint violation found for rules: MaintainerDeprecated")
            .doesNotContain(" ran\n");
    }
}
