package dev.kiln.cli;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.queue.broker.EmbeddedBroker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A farm of processes, whose executors share nothing but broker and registry, and of which one lives at a time. */
@Tag("privileged")
class FarmCacheIT {
    private static final String BLOB = "busybox dd if=/dev/urandom of=%s bs=1024 count=4096 2>/dev/null";

    @TempDir
    private static Path folder;
    private static EmbeddedBroker broker;
    private static Command api;
    private static String address = "";
    private static int executors;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
        int port = freePort();
        address = "http://127.0.0.1:" + port;
        api = Command.start(folder, Map.of("KILN_HTTP", "127.0.0.1:" + port, "KILN_DATA",
                folder.resolve("api").toString(), "KILN_KAFKA", broker.bootstrap()), "api");
        await().atMost(Duration.ofSeconds(90)).ignoreExceptions().until(() -> {
            assertThat(api.isAlive()).as(api.errSoFar()).isTrue();
            return get("/readyz").statusCode() == 200;
        });
        Command.Result imported = kiln("import", FarmFixture.busybox(folder).toString(), "busybox");
        assertThat(imported.exit()).as(imported.err()).isZero();
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        broker.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** One that has never done anything. */
    private static Command executor() throws Exception {
        return executor("executor-" + ++executors);
    }

    private static Path data(int number) {
        return folder.resolve("executor-" + number);
    }

    private static Command executor(String name) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of("KILN_NAME", name, "KILN_DATA",
                folder.resolve(name).toString(), "KILN_KAFKA", broker.bootstrap(), "KILN_ADDR", address, "KILN_LOG",
                "INFO"));
        Command started = Command.start(folder, settings, "worker");
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            assertThat(started.isAlive()).as(started.errSoFar()).isTrue();
            return started.errSoFar().contains("taking builds");
        });
        return started;
    }

    private static Path context(String name, String dockerfile) throws IOException {
        Path context = Files.createDirectories(folder.resolve(name));
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        Files.writeString(context.resolve("a.txt"), "a\n");
        return context;
    }

    private static Command.Result kiln(String... args) throws IOException, InterruptedException {
        return Command.start(folder, Map.of("KILN_ADDR", address), args).await();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(address + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String digest(Command.Result result) {
        assertThat(result.exit()).as(result.err()).isZero();
        return result.err().lines().filter(line -> line.startsWith("built ")).findFirst().orElseThrow().split(" ")[2];
    }

    private static List<Path> blobs(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data.resolve("content"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static long largest(Path data) throws IOException {
        long largest = 0;
        for (Path blob : blobs(data)) {
            largest = Math.max(largest, Files.size(blob));
        }
        return largest;
    }

    private static String steps(String name) {
        return """
                FROM busybox AS made
                WORKDIR /work
                COPY a.txt .
                RUN %s && cat a.txt
                FROM busybox
                RUN echo %s > /first
                COPY --from=made /work/blob /blob
                RUN seq 100 > /seq && cat /first
                """.formatted(BLOB.formatted("/work/blob"), name);
    }

    @Test
    void build_onAnotherExecutor_runsNothing_fetchesNothing_andGivesTheSameImage() throws Exception {
        Path context = context("same", steps("same"));
        Command.Result cold;
        try (Command _ = executor()) {
            cold = kiln("build", "-t", "same:1", "--push", context.toString());
            assertThat(digest(cold)).isNotEmpty();
            assertThat(cold.err()).doesNotContain("CACHED");
        }
        try (Command _ = executor()) {
            Command.Result warm = kiln("build", "-t", "same:2", "--push", context.toString());
            assertThat(digest(warm)).isEqualTo(digest(cold));
            assertThat(warm.err().lines().filter(line -> line.matches("#\\d+ .*CACHED")).count())
                .as(warm.err())
                .isEqualTo(8);
            assertThat(largest(data(executors))).as("bytes of what nobody needed here").isLessThan(1 << 20);
            assertThat(get("/v2/same/manifests/2").body()).isEqualTo(get("/v2/same/manifests/1").body());

            Command.Result more = kiln("build", "-t", "same:3", "--push",
                    context("same", steps("same") + "RUN test -s /blob && cat /seq /first\n").toString());
            assertThat(more.exit()).as(more.err()).isZero();
            assertThat(more.err()).contains("CACHED").containsPattern("#\\d+ [\\d.]+ 100\n");
            assertThat(more.err()
                .lines()
                .filter(line -> line.matches("#\\d+ \\[[^]]*\\d+/\\d+] RUN.*"))
                .distinct()
                .count()).isGreaterThan(1);
            assertThat(largest(data(executors))).as("what a step needed").isGreaterThan(1 << 20);
        }
        Command.Result usage = kiln("du", "--verbose", "--filter", "type=result");
        assertThat(usage.out()).as(usage.err()).contains("the result of a step, for other executors");
    }

    @Test
    void executorKilledInMidBuild_theNextOneGoesOnAfterTheFinishedSteps() throws Exception {
        Path context = context("killed", """
                FROM busybox
                RUN echo one-ran > /one && cat /one
                RUN echo two-ran > /two && cat /two
                RUN echo three-begun && sleep 5 && cat /one /two
                """);
        String id;
        int before = tags();
        String killed;
        try (Command first = executor()) {
            killed = "executor-" + executors;
            id = kiln("build", "--detach", "-t", "killed:1", "--push", context.toString()).out().strip();
            await().atMost(Duration.ofSeconds(60)).until(() -> kiln("logs", id).out().contains("three-begun\n"));
            // Uploads go behind the build's back, and soon after each step.
            await().atMost(Duration.ofSeconds(3)).until(() -> tags() >= before + 2);
            first.kill();
        }
        try (Command _ = executor();
                Command logs = Command.start(folder, Map.of("KILN_ADDR", address), "logs", "-f",
                        id)) {
            String log = lastAttempt(logs.await().out());
            assertThat(log).contains("pushed killed:1");
            assertThat(log.lines().filter(line -> line.matches("#\\d+ CACHED.*")).count()).as(log)
                .isGreaterThanOrEqualTo(2);
            assertThat(printed(log, "one-ran")).as(log).isEqualTo(1);
            assertThat(printed(log, "three-begun")).isEqualTo(1);
        } finally {
            // It cleans up what its death left.
            executor(killed).close();
        }
        assertThat(kiln("inspect", id).out()).contains("\"succeeded\"");
        assertThat(get("/v1/builds/" + id + "/events").body().split("event: *started", -1)).hasSize(3);
    }

    /** Who follows a log from before the executor's death sees both attempts. */
    private static String lastAttempt(String log) {
        return log.substring(Math.max(0, log.lastIndexOf("attempt 2 on ")));
    }

    private static int tags() throws Exception {
        HttpResponse<String> tags = get("/v2/steps/tags/list");
        return tags.statusCode() == 404 ? 0 : tags.body().split("\"[0-9a-f]{64}\"", -1).length - 1;
    }

    /** How often a line ends in this, in the log of the last attempt. */
    private static long printed(String log, String line) {
        return log.lines().filter(one -> one.endsWith(" " + line)).count();
    }

    @Test
    void layerThatTheRegistryLost_isMadeAgain() throws Exception {
        Path context = context("lost", steps("lost"));
        try (Command _ = executor()) {
            digest(kiln("build", context.toString()));
        }
        int lost = 0;
        for (Path blob : blobs(folder.resolve("api"))) {
            if (Files.size(blob) > 4 << 20) {
                Files.delete(blob);
                lost++;
            }
        }
        assertThat(lost).isPositive();
        try (Command _ = executor()) {
            Command.Result again = kiln("build", context("lost", steps("lost") + "RUN test -s /blob && echo whole\n")
                .toString());
            assertThat(again.exit()).as(again.err()).isZero();
            assertThat(again.err()).contains("DamagedContent", " whole\n", "CACHED");
        }
    }

    @Test
    void push_toTheFarmsOwnRepositories_isRefusedByAnExecutorUnderEveryName() throws Exception {
        String host = address.substring("http://".length());
        Path context = context("poison", "FROM busybox\nRUN true\n");
        try (Command _ = executor()) {
            Command.Result result = kiln("build", "-t", host + "/steps:" + "ab".repeat(32), "--push",
                    context.toString());
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.err()).contains("cannot push to " + host + "/steps:", "choose another name");
        }
        assertThat(get("/v2/steps/manifests/" + "ab".repeat(32)).statusCode()).isEqualTo(404);
    }
}
