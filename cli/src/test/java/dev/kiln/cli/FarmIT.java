package dev.kiln.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import dev.kiln.layercache.oci.Digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The program from outside: a farm as one process, commands as others. */
@Tag("privileged")
@TestMethodOrder(MethodOrderer.MethodName.class)
class FarmIT {
    private static final Pattern PRINTED = Pattern.compile("#\\d+ [\\d.]+ out");
    private static final Pattern PLATFORM = Pattern.compile("\"architecture\":\"([a-z0-9]+)\"");
    @TempDir
    private static Path folder;
    private static FarmFixture farm;

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder);
        farm.importBusybox();
    }

    @AfterAll
    static void stop() throws Exception {
        farm.close();
        assertThat(mountsOfTheFarm()).isEmpty();
    }

    private static List<String> mountsOfTheFarm() throws Exception {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(folder.toString())).toList();
        }
    }

    /** Other farms may be tested at the same time. */
    private static List<Path> cgroupsOfSteps() throws Exception {
        Path containers = folder.resolve("data/executor/containers").toRealPath();
        String farmsOwn = Digest.sha256(containers.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 12);
        List<Path> found = new ArrayList<>();
        for (Path hierarchy : entries(Path.of("/sys/fs/cgroup"))) {
            found.addAll(entries(hierarchy.resolve("kiln").resolve(farmsOwn)));
        }
        found.addAll(entries(Path.of("/sys/fs/cgroup/kiln").resolve(farmsOwn)));
        return found;
    }

    private static List<Path> entries(Path directory) throws Exception {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(Files::isDirectory).toList();
        }
    }

    private static String built(Command.Result result) {
        assertThat(result.exit()).as(result.err()).isZero();
        return result.err().lines().filter(line -> line.startsWith("built ")).findFirst().orElseThrow();
    }

    private static String digest(Command.Result result) {
        return built(result).split(" ")[2];
    }

    @Test
    void build_severalPlatforms_oneIndexAndCommonStepsOnce() throws Exception {
        Path context = farm.context("platforms", """
                FROM --platform=$BUILDPLATFORM busybox AS common
                RUN echo common | tee /made
                FROM --platform=$BUILDPLATFORM busybox AS cross
                ARG TARGETARCH
                RUN echo for $TARGETARCH | tee /for
                FROM scratch
                COPY --from=common /made /
                COPY --from=cross /for /
                """);
        Command.Result result = farm.kiln("build", "--platform", "linux/amd64,linux/arm64", "--platform",
                "linux/riscv64,linux/arm64/v8", "-t", "platforms:1", "--push", context.toString());
        assertThat(built(result)).isNotEmpty();
        assertThat(result.err()).containsOnlyOnce("common 2/2] RUN echo common | tee /made\n")
            .contains("[linux/amd64 cross 2/2] RUN", "[linux/amd64->arm64 cross 2/2] RUN",
                    "[linux/amd64->riscv64 cross 2/2] RUN", "[linux/riscv64 stage-2 2/2] COPY")
            .contains(" for amd64", " for arm64", " for riscv64");
        HttpResponse<String> index = get("/v2/platforms/manifests/1");
        assertThat(index.headers().firstValue("Content-Type")).contains("application/vnd.oci.image.index.v1+json");
        assertThat(PLATFORM.matcher(index.body()).results().map(found -> found.group(1)))
            .containsExactly("amd64", "arm64", "riscv64");

        Path windows = farm.context("windows", """
                FROM --platform=windows/amd64 scratch
                RUN echo never
                """);
        assertThat(farm.kiln("build", windows.toString()).err()).contains("runs no programs for windows");
    }

    @Test
    void build_twiceAndAfterKillOfEverything_runsEachStepOnce() throws Exception {
        Path context = farm.context("twice", """
                FROM busybox AS one
                RUN echo one > /one
                FROM busybox
                COPY --from=one /one /one
                RUN cat /one > /two && echo out && echo err >&2
                CMD ["cat", "/two"]
                """);
        Command.Result first = farm.kiln("build", "-t", "twice:1", "--push", context.toString());
        assertThat(first.err()).containsPattern(PRINTED).containsPattern("#\\d+ [\\d.]+ err").doesNotContain("CACHED");
        Command.Result second = farm.kiln("build", "-t", "twice:1", "--push", context.toString());
        assertThat(digest(second)).isEqualTo(digest(first));
        assertThat(second.err()).contains("CACHED").doesNotContainPattern(PRINTED);
        farm.server().kill();
        farm.restart();
        Command.Result third = farm.kiln("build", "-t", "twice:1", "--push", context.toString());
        assertThat(digest(third)).isEqualTo(digest(first));
        assertThat(third.err()).contains("CACHED").doesNotContainPattern(PRINTED);
        assertThat(farm.kiln("ps", "-a").out()).contains("twice:1");
    }

    @Test
    void metrics_ofAFarmThatBuilt_showIt() throws Exception {
        Path context = farm.context("measured", "FROM busybox\nRUN echo measured > /measured\n");
        assertThat(built(farm.kiln("build", "-t", "measured:1", "--push", context.toString()))).isNotEmpty();
        assertThat(farm.kiln("build", "-t", "measured:2", "--push", context.toString()).err()).contains("CACHED");
        Path failing = farm.context("unmeasured", "FROM busybox\nRUN exit 3\n");
        assertThat(farm.kiln("build", failing.toString()).exit()).isEqualTo(1);

        String page = get("/metrics").body();
        for (String metric : List.of("kiln_builds_total{outcome=\"succeeded\",reason=\"none\"}",
                "kiln_builds_total{outcome=\"failed\",reason=\"step_failed\"}",
                "kiln_vertices_total{kind=\"run\",result=\"ran\"}",
                "kiln_vertices_total{kind=\"run\",result=\"cached\"}",
                "kiln_vertices_total{kind=\"run\",result=\"failed\"}", "kiln_cache_hits_total{kind=\"run\"}",
                "kiln_cache_saved_seconds_total{kind=\"run\"}",
                "kiln_step_duration_seconds_count{kind=\"run\",outcome=\"succeeded\"}",
                "kiln_build_wait_seconds_count", "kiln_build_duration_seconds_sum{outcome=\"succeeded\"}",
                "kiln_push_duration_seconds_count{outcome=\"succeeded\"}", "kiln_attempts_total{ending=\"completed\"}",
                "kiln_slots", "kiln_disk_free_bytes{store=\"executor\"}", "kiln_disk_size_bytes{store=\"api\"}",
                "kiln_disk_floor_bytes", "kiln_registry_client_requests_total{status=\"2xx\"}",
                "kiln_registry_client_sent_bytes_total", "kiln_registry_received_bytes_total",
                "kiln_events_appended_total{outcome=\"durable\"}", "kiln_ledger_caught_up",
                "kiln_http_requests_total{route=\"submitBuild\",status=\"2xx\"}")) {
            assertThat(value(page, metric)).as(metric).isPositive();
        }
        assertThat(value(page, "kiln_queue_builds{tenant=\"default\"}")).isZero();
        for (String metric : MetricsDocsTest.documented()) {
            assertThat(page).contains("# TYPE " + metric + " ");
        }
    }

    private static double value(String page, String metric) {
        return page.lines()
            .filter(line -> line.startsWith(metric + " "))
            .mapToDouble(line -> Double.parseDouble(line.substring(metric.length() + 1)))
            .findFirst()
            .orElse(Double.NaN);
    }

    @Test
    void build_withoutPush_isPullableUnderItsId() throws Exception {
        Path context = farm.context("unpushed", "FROM busybox\nRUN true\n");
        String id = built(farm.kiln("build", context.toString())).split(" ")[1];
        HttpResponse<String> manifest = get("/v2/builds/" + id + "/manifests/latest");
        assertThat(manifest.statusCode()).isEqualTo(200);
    }

    @Test
    void cancel_runningBuild_endsItAndItsProcesses() throws Exception {
        List<Path> before = cgroupsOfSteps();
        Path context = farm.context("cancel", "FROM busybox\nRUN echo started && sleep 987\n");
        try (Command build = farm.begin("build", context.toString())) {
            await().atMost(Duration.ofSeconds(30)).until(() -> build.errSoFar().contains("started\n"));
            assertThat(cgroupsOfSteps()).as("the step is seen").isNotEqualTo(before);
            String id = farm.kiln("ps").out().lines().skip(1).findFirst().orElseThrow().split(" ")[0];
            assertThat(farm.kiln("cancel", "--reason", "not needed", id).exit()).isZero();
            Command.Result result = build.await();
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.err()).contains("was cancelled: not needed");
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> before.containsAll(cgroupsOfSteps()));
        assertThat(ProcessHandle.allProcesses().map(p -> p.info().commandLine().orElse("")))
            .noneMatch(line -> line.contains("sleep 987"));
    }

    @Test
    void failingRun_saysCodeCommandAndLastLines() throws Exception {
        Path context = farm.context("failing", "FROM busybox\nRUN echo last words && exit 42\n");
        Command.Result result = farm.kiln("build", context.toString());
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("exit code: 42")
            .contains("echo last words && exit 42")
            .contains("| last words");
    }

    @Test
    void killOfTheFarm_inMidStep_buildCompletesOnItsSecondDelivery() throws Exception {
        List<Path> before = cgroupsOfSteps();
        Path context = farm.context("killed",
                "FROM busybox\nRUN echo early > /early\nRUN echo begun && sleep 4 && echo done\n");
        Command.Result submitted = farm.kiln("build", "--detach", "-t", "killed:1", "--push", context.toString());
        String id = submitted.out().strip();
        await().atMost(Duration.ofSeconds(60)).until(() -> farm.kiln("logs", id).out().contains("begun\n"));
        farm.server().kill();
        farm.restart();
        try (Command logs = farm.begin("logs", "-f", id)) {
            Command.Result result = logs.await();
            assertThat(result.out()).contains("CACHED").contains("pushed killed:1");
        }
        assertThat(farm.kiln("inspect", id).out()).contains("\"succeeded\"");
        assertThat(get("/v1/builds/" + id + "/events").body().split("event: *started", -1)).hasSize(3);
        assertThat(mountsOfTheFarm()).noneMatch(line -> line.contains("/active/"));
        assertThat(cgroupsOfSteps()).isSubsetOf(before);
    }

    @Test
    void log_ranges_areServed() throws Exception {
        Path context = farm.context("log", "FROM busybox\nRUN seq 1 20000\n");
        String id = built(farm.kiln("build", context.toString())).split(" ")[1];
        String whole = farm.kiln("logs", id).out();
        assertThat(whole.lines().filter(line -> line.matches("#\\d+ \\d+\\.\\d+ \\d+")).count()).isEqualTo(20000);
        HttpResponse<String> part = HttpClient.newHttpClient()
            .send(HttpRequest
                .newBuilder(URI.create(farm.address() + "/v1/builds/" + id + "/log"))
                .header("Range", "bytes=10-19")
                .build(),
                    HttpResponse.BodyHandlers.ofString());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(whole.substring(10, 20));
    }

    @Test
    void syntaxError_isRefusedAtSubmitWithItsPlace() throws Exception {
        Path context = farm.context("syntax", "FROM busybox\nRUM true\n");
        Command.Result result = farm.kiln("build", context.toString());
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("Dockerfile:2").contains("unknown instruction: RUM");
        assertThat(farm.kiln("ps", "-a").out()).doesNotContain("syntax");
    }

    @Test
    void unknownBase_saysWhoWasAskedAndWhatItSaid() throws Exception {
        Path context = farm.context("base", "FROM nosuch/image:9\nRUN true\n");
        Command.Result result = farm.kiln("build", context.toString());
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("nosuch/image").contains("answered 404");
    }

    @Test
    void unreachableRegistry_failsThePushAndKeepsTheLayers() throws Exception {
        Path context = farm.context("unreachable", "FROM busybox\nRUN echo kept > /kept\n");
        Command.Result result = farm.kiln("build", "-t", "127.0.0.1:1/x", "--push", context.toString());
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.err()).contains("no answer from the registry 127.0.0.1:1")
            .contains("will be tried again (try 2 of 3)")
            .contains("(tried 3 times)");
        assertThat(farm.kiln("build", context.toString()).err()).contains("CACHED");
        await().until(() -> farm.kiln("dlq", "ls").out().contains("no answer from the registry"));
        String dead = farm.kiln("dlq", "ls").out().lines().skip(1).findFirst().orElseThrow().split(" ")[0];
        assertThat(farm.kiln("dlq", "show", dead).out()).contains("127.0.0.1:1/x");
        Command.Result again = farm.kiln("dlq", "retry", dead);
        assertThat(again.exit()).as(again.err()).isZero();
        assertThat(farm.kiln("dlq", "ls").out()).doesNotContain(dead);
        assertThat(farm.kiln("cancel", again.out().strip()).exit()).isZero();
    }

    @Test
    void deadlines_endStepsAndBuildsThatTakeLonger() throws Exception {
        Path context = farm.context("late", "FROM busybox\nRUN echo begun && sleep 986\n");
        Command.Result step = farm.kiln("build", "--step-timeout", "1s", context.toString());
        assertThat(step.exit()).isEqualTo(1);
        assertThat(step.err()).contains("longer than the 1 s").contains("--step-timeout").contains("| begun");
        Command.Result build = farm.kiln("build", "--timeout", "2s", context.toString());
        assertThat(build.exit()).isEqualTo(1);
        assertThat(build.err()).contains("longer than the 2 s").contains("--timeout");
        assertThat(ProcessHandle.allProcesses().map(p -> p.info().commandLine().orElse("")))
            .noneMatch(command -> command.contains("sleep 986"));
    }

    @Test
    void supersede_cancelsTheEarlierBuild() throws Exception {
        Path context = farm.context("superseded", "FROM busybox\nRUN sleep 985\n");
        Path newer = farm.context("newer", "FROM busybox\nRUN true\n");
        try (Command first = farm.begin("build", "--supersede", "app/main", context.toString())) {
            await().atMost(Duration.ofSeconds(30)).until(() -> first.errSoFar().contains("sleep 985"));
            assertThat(farm.kiln("build", "--supersede", "app/main", "--priority", "high", newer.toString()).exit())
                .isZero();
            Command.Result ended = first.await();
            assertThat(ended.exit()).isEqualTo(1);
            assertThat(ended.err()).contains("superseded by build ");
        }
        Command.Result queue = farm.kiln("ps", "--queue");
        assertThat(queue.out()).contains("1 executors with 4 slots");
    }

    @Test
    void unreachableFarm_isExitCode3() throws Exception {
        Path context = farm.context("nofarm", "FROM busybox\n");
        assertThat(farm.kiln("build", "--addr", "http://127.0.0.1:1", context.toString()).exit()).isEqualTo(3);
        assertThat(farm.kiln("build", "--no-such-option", context.toString()).exit()).isEqualTo(2);
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI.create(farm.address() + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
    }
}
