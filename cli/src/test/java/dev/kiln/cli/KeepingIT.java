package dev.kiln.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a farm keeps on its disk, what it says of it, and what it does when there is no room. */
@Tag("privileged")
class KeepingIT {
    private static final String STEPS = """
            FROM busybox
            RUN cat /bin/busybox /bin/busybox > /two
            RUN --mount=type=cache,target=/c echo kept > /c/file
            COPY Dockerfile /d
            """;

    @TempDir
    private Path folder;

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", String.join(" ", command), out).isZero();
        return out;
    }

    private long du(String... names) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("du", "-scx", "--block-size=1"));
        for (String name : names) {
            command.add(folder.resolve("data").resolve(name).toString());
        }
        String total = run(command.toArray(String[]::new)).lines().reduce((_, last) -> last).orElseThrow();
        return Long.parseLong(total.substring(0, total.indexOf('\t')));
    }

    private static JsonNode usage(FarmFixture farm) throws IOException, InterruptedException {
        Command.Result du = farm.kiln("du", "-v", "--format", "json");
        assertThat(du.exit()).as(du.err()).isZero();
        return new JsonMapper().readTree(du.out());
    }

    private static JsonNode of(JsonNode usage, String name) {
        for (JsonNode executor : usage.get("executors")) {
            if (executor.get("name").asString().equals(name)) {
                return executor;
            }
        }
        throw new AssertionError("no " + name + " in " + usage);
    }

    /** What people pushed to the registry stays, however much it is. */
    private static long reclaimable(JsonNode executor) {
        long bytes = 0;
        for (JsonNode kind : executor.get("kinds")) {
            bytes += kind.get("reclaimable").asLong();
        }
        return bytes;
    }

    private static void built(Command.Result result) {
        assertThat(result.exit()).as(result.err()).isZero();
    }

    private void assertClean() throws IOException, InterruptedException {
        Command.Result fsck = Command.start(folder, java.util.Map.of(), "fsck", "--data",
                folder.resolve("data").toString())
            .await();
        assertThat(fsck.exit()).as(fsck.out() + fsck.err()).isZero();
        assertThat(fsck.out()).contains("clean");
    }

    @Test
    void usage_isWhatDuSays_andPruneReachesTheExecutor() throws Exception {
        try (FarmFixture farm = new FarmFixture(folder)) {
            farm.importBusybox();
            Path context = farm.context("pruned", STEPS);
            built(farm.kiln("build", context.toString()));
            Command.Result warm = farm.kiln("build", "-t", "kept:1", "--push", context.toString());
            assertThat(warm.err()).contains("CACHED");

            JsonNode before = usage(farm);
            assertThat(of(before, "local").get("bytes").asLong()).isEqualTo(du("executor", "content"));
            assertThat(of(before, "registry").get("bytes").asLong()).isEqualTo(du("registry"));

            assertThat(farm.kiln("prune").exit()).isEqualTo(ExitCode.USAGE);
            Command.Result prune = farm.kiln("prune", "--all", "--force");
            assertThat(prune.exit()).as(prune.err()).isZero();
            assertThat(prune.out()).matches("(?s)Freed: [1-9].* [KM]iB\\R");
            JsonNode after = usage(farm);
            assertThat(of(after, "local").get("bytes").asLong()).isEqualTo(du("executor", "content"));
            assertThat(after.toString()).doesNotContain("\"kind\":\"layer\"")
                .doesNotContain("\"kind\":\"cachemount\"")
                .doesNotContain("\"kind\":\"result\"");

            Command.Result cold = farm.kiln("build", context.toString());
            built(cold);
            assertThat(cold.err()).doesNotContain("CACHED");
            assertThat(Command.start(folder, java.util.Map.of(), "fsck", "--data", folder.resolve("data").toString())
                .await()
                .exit()).isEqualTo(ExitCode.USAGE);
        }
        assertClean();
    }

    @Test
    void quota_holds_whileManyBuildsMakeMore() throws Exception {
        long quota = 12 << 20;
        List<String> options = List.of("--max-used-space", "12m", "--reserved-space", "0", "--min-free-space", "0");
        try (FarmFixture farm = new FarmFixture(folder, options)) {
            farm.importBusybox();
            for (int i = 0; i < 12; i++) {
                Path context = farm.context("quota" + i, "FROM busybox\nRUN echo " + i
                        + " && cat /bin/busybox /bin/busybox /bin/busybox > /f\n");
                built(farm.kiln("build", "-t", "quota:1", "--push", context.toString()));
            }
            await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(2))
                .untilAsserted(
                        () -> assertThat(reclaimable(of(usage(farm), "local"))).isLessThanOrEqualTo(quota));
            built(farm.kiln("build", folder.resolve("quota11").toString()));
        }
        assertClean();
    }

    /** A small disk of its own for the executor: a filesystem in a file. */
    private void mountSmallDisk(int mebibytes) throws Exception {
        Path image = folder.resolve("disk");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) mebibytes << 20);
        }
        run("mkfs.ext4", "-q", "-m", "0", "-F", image.toString());
        Path executor = Files.createDirectories(folder.resolve("data/executor"));
        run("mount", "-o", "loop", image.toString(), executor.toString());
    }

    @Test
    void fullDisk_failsBuildsClearly_andTheStoreStaysSound() throws Exception {
        mountSmallDisk(64);
        try {
            List<String> options = List.of("--disk-floor", "8m", "--disk-wait", "2s");
            try (FarmFixture farm = new FarmFixture(folder, options)) {
                farm.importBusybox();
                Path small = farm.context("small", STEPS);
                built(farm.kiln("build", small.toString()));

                Path large = farm.context("large", "FROM busybox\nRUN while true; do cat /bin/busybox; done > /f\n");
                Command.Result failed = farm.kiln("build", large.toString());
                assertThat(failed.exit()).isEqualTo(ExitCode.BUILD_FAILED);
                assertThat(failed.err()).contains("free; free space there, run kiln prune");

                // With cache to collect, there would be room.
                assertThat(farm.kiln("prune", "--all", "--force").exit()).isZero();
                Path filler = folder.resolve("data/executor/filler");
                fill(filler, Files.getFileStore(filler.getParent()).getUsableSpace() - (4 << 20));
                Command.Result refused = farm.kiln("build", small.toString());
                assertThat(refused.exit()).isEqualTo(ExitCode.BUILD_FAILED);
                assertThat(refused.err()).contains("the build waits").contains("for 2 s; free space there");

                Files.delete(filler);
                built(farm.kiln("build", small.toString()));
            }
            assertClean();
        } finally {
            run("umount", "-l", folder.resolve("data/executor").toString());
        }
    }

    private static void fill(Path file, long bytes) throws IOException {
        byte[] block = new byte[1 << 20];
        try (var out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= block.length) {
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
    }

    @Test
    void damage_isFoundOnUse_andBuiltAgain() throws Exception {
        try (FarmFixture farm = new FarmFixture(folder)) {
            farm.importBusybox();
            Path context = farm.context("damaged", STEPS);
            built(farm.kiln("build", "-t", "damaged:1", "--push", context.toString()));
        }
        Path entries = folder.resolve("data/executor/index/entries");
        try (Stream<Path> files = Files.walk(entries)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                flip(file, 50);
            }
        }
        try (FarmFixture farm = new FarmFixture(folder)) {
            Command.Result again = farm.kiln("build", "-t", "damaged:1", "--push",
                    folder.resolve("damaged").toString());
            built(again);
            assertThat(again.err()).doesNotContain("CACHED");
        }
        // Entries that no build asked for are still damaged.
        Command.Result repair = Command.start(folder, java.util.Map.of(), "fsck", "--repair", "--data",
                folder.resolve("data").toString())
            .await();
        assertThat(repair.out()).contains("removed: ");
        assertClean();
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.write(bytes);
        }
    }
}
