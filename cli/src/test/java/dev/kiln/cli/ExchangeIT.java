package dev.kiln.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Two farms that share nothing but a registry, which is that of the first. */
@Tag("privileged")
class ExchangeIT {
    @TempDir
    private static Path folder;
    private static FarmFixture first;
    private static FarmFixture second;
    private static String registry = "";

    @BeforeAll
    static void start() throws Exception {
        first = new FarmFixture(Files.createDirectory(folder.resolve("first")));
        second = new FarmFixture(Files.createDirectory(folder.resolve("second")));
        first.importBusybox();
        registry = first.address().substring("http://".length());
    }

    @AfterAll
    static void stop() throws Exception {
        first.close();
        second.close();
    }

    /** The same files for both farms; the base image comes from the first. */
    private static Path context(String name, String dockerfile) throws Exception {
        Path context = Files.createDirectories(folder.resolve(name));
        Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("FROM busybox", "FROM " + registry
                + "/busybox"));
        Files.writeString(context.resolve("a.txt"), "a\n");
        return context;
    }

    private static final String STAGES = """
            FROM busybox AS build
            WORKDIR /src
            COPY a.txt .
            RUN cat a.txt > /out
            FROM busybox
            COPY --from=build /out /out
            COPY --link --chmod=600 a.txt /linked
            RUN cat /out /linked > /both
            """;

    private static List<String> run(Command.Result result) {
        assertThat(result.exit()).as(result.err()).isZero();
        return result.err().lines().filter(line -> line.matches("#\\d+ .*CACHED")).toList();
    }

    private static long steps(Command.Result result) {
        return result.err().lines().filter(line -> line.matches("#\\d+ \\[[^]]*[2-9]/\\d+] .*")).distinct().count();
    }

    @Test
    void cacheOfOneFarm_inAnother_runsNoStepAgain() throws Exception {
        Path context = context("max", STAGES);
        Command.Result cold = first.kiln("build", "--cache-to", "type=registry,mode=max,ref=caches/app:main",
                context.toString());
        assertThat(cold.exit()).as(cold.err()).isZero();
        Command.Result warm = second.kiln("build", "--cache-from", registry + "/caches/app:main", context.toString());
        assertThat(warm.exit()).as(warm.err()).isZero();
        assertThat(warm.err()).doesNotContain("ERROR").contains("importing cache manifest from " + registry);
        assertThat(run(warm)).hasSizeGreaterThanOrEqualTo((int) steps(warm)).hasSizeGreaterThan(6);
        Command.Result changed = second.kiln("build", "--cache-from", registry + "/caches/app:main",
                context("max", STAGES + "RUN echo more > /more\n").toString());
        assertThat(changed.exit()).as(changed.err()).isZero();
        assertThat(changed.err().lines().filter(line -> line.matches("#\\d+ DONE.*")).count()).isLessThan(5);
    }

    @Test
    void minimalCache_hasTheImagesOwnSteps() throws Exception {
        Path context = context("min", STAGES.replace("/out", "/min"));
        Command.Result cold = first.kiln("build", "--cache-to", "caches/min", context.toString());
        assertThat(cold.exit()).as(cold.err()).isZero();
        Command.Result warm = second.kiln("build", "--cache-from", registry + "/caches/min", context.toString());
        assertThat(run(warm)).hasSizeGreaterThanOrEqualTo((int) steps(warm));
        Command.Result other = second.kiln("build", "--target", "build", "--cache-from",
                registry + "/caches/min", context.toString());
        assertThat(other.err()).containsPattern("#(\\d+) \\[build 4/4] RUN[^\\n]*\\n(?s:.*)#\\1 DONE");
    }

    @Test
    void imageWithACache_isOne() throws Exception {
        Path context = context("inline", STAGES.replace("/out", "/inline"));
        Command.Result cold = first.kiln("build", "-t", "inline:1", "--push", "--build-arg",
                "BUILDKIT_INLINE_CACHE=1", context.toString());
        assertThat(cold.exit()).as(cold.err()).isZero();
        Command.Result warm = second.kiln("build", "--cache-from", registry + "/inline:1", context.toString());
        assertThat(run(warm)).hasSizeGreaterThanOrEqualTo((int) steps(warm));
    }

    @Test
    void cacheInAFolder_travelsToAnotherFarm() throws Exception {
        Path context = context("local", STAGES.replace("/out", "/local"));
        Path cache = folder.resolve("cache-folder");
        Command.Result cold = first.kiln("build", "--cache-from", "type=local,src=" + cache, "--cache-to",
                "type=local,mode=max,dest=" + cache, context.toString());
        assertThat(cold.exit()).as(cold.err()).isZero();
        assertThat(cold.err()).contains("there is no cache in " + cache);
        Command.Result warm = second.kiln("build", "--cache-from", "type=local,src=" + cache, "--cache-to",
                "type=local,tag=other,dest=" + cache, context.toString());
        assertThat(warm.exit()).as(warm.err()).isZero();
        assertThat(run(warm)).hasSizeGreaterThanOrEqualTo((int) steps(warm));
        assertThat(Files.readString(cache.resolve("index.json"))).contains("\"latest\"", "\"other\"");
    }

    @Test
    void missingCache_isToldAndDoesNoHarm() throws Exception {
        Command.Result result = second.kiln("build", "--cache-from", registry + "/caches/none",
                context("none", "FROM busybox\nRUN echo none > /none\n").toString());
        assertThat(result.exit()).as(result.err()).isZero();
        assertThat(result.err()).containsPattern("#\\d+ ERROR: .*caches/none");
    }

    @Test
    void refusedExport_failsTheBuildUnlessItIsPassedOver() throws Exception {
        Path context = context("refused", "FROM busybox\nRUN echo refused > /refused\n");
        String nowhere = "type=registry,ref=127.0.0.1:1/caches/x";
        Command.Result failed = first.kiln("build", "--cache-to", nowhere, context.toString());
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.err()).contains("127.0.0.1:1");
        Command.Result passed = first.kiln("build", "--cache-to", nowhere + ",ignore-error=true", context.toString());
        assertThat(passed.exit()).as(passed.err()).isZero();
        assertThat(passed.err()).containsPattern("#\\d+ ERROR: .*127.0.0.1:1");
    }
}
