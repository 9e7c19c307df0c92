package dev.kiln.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A short form of {@code tests/crash/run}: a farm that is killed at random moments gives no wrong result. */
@Tag("privileged")
class CrashIT {
    private static final long SEED = new Random().nextLong();
    private static final Pattern CONFIG = Pattern.compile("\"config\":\\{[^}]*\"digest\":\"(sha256:[0-9a-f]{64})\"");
    private static final Pattern LAYERS = Pattern.compile("\"diff_ids\":\\[([^]]*)]");
    private static final int ROUNDS = 2;
    /** The same bytes whenever they are built, but for the first step, which gets the directories for mounts, and their times. */
    private static final Map<String, String> FILES = Map.of("run", """
            FROM busybox
            RUN true
            RUN mkdir /d && seq 50000 >/d/a && busybox touch -d @1000000000 /d/a /d && sleep 0.3
            RUN --mount=type=cache,target=/cache seq 999 >/cache/x && sleep 0.2 && \
                mkdir /e && busybox touch -d @1000000000 /e
            """, "stages", """
            FROM busybox AS one
            RUN seq 30000 >/one && busybox touch -d @1000000000 /one && sleep 0.2
            FROM busybox AS two
            RUN seq 20000 >/two && busybox touch -d @1000000000 /two && sleep 0.3
            FROM busybox
            RUN true
            COPY --from=one /one /
            COPY --from=two /two /
            """);

    @TempDir
    private static Path folder;
    private static FarmFixture farm;
    private static final Random RANDOM = new Random(SEED);
    private static final Map<String, String> EXPECTED = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder);
        farm.importBusybox();
        for (String name : FILES.keySet()) {
            EXPECTED.put(name, layers(begin(name, false)));
        }
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    private static String begin(String name, boolean noCache) throws Exception {
        Path context = farm.context(name, FILES.get(name));
        Command.Result result = farm.kiln("build", "--detach", "--build-arg", "SOURCE_DATE_EPOCH=1000000000",
                noCache ? "--no-cache" : "--label=a=b", context.toString());
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out().strip();
    }

    private static String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(farm.address() + path)).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
            return answer.body();
        }
    }

    private static String found(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        assertThat(found.find()).as(text).isTrue();
        return found.group(1);
    }

    /** The diffIDs of the image that the build gives in the end, without that of the first step. */
    private static String layers(String build) throws Exception {
        await().atMost(Duration.ofSeconds(120))
            .pollInterval(Duration.ofMillis(200))
            .until(() -> get("/v1/builds/" + build).contains("\"outcome\":"));
        assertThat(get("/v1/builds/" + build)).as("seed %d", SEED).contains("\"state\":\"succeeded\"");
        String config = found(CONFIG, get("/v2/builds/" + build + "/manifests/latest"));
        List<String> layers = new ArrayList<>(
                List.of(found(LAYERS, get("/v2/builds/" + build + "/blobs/" + config)).split(",")));
        layers.remove(1);
        return String.join(",", layers);
    }

    private static void assertSound() throws Exception {
        Command.Result check = farm.kiln("fsck", "--data", folder.resolve("data").toString());
        assertThat(check.exit()).as("seed %d: %s %s", SEED, check.out(), check.err()).isZero();
    }

    @Test
    void killedAtAnyMoment_givesWhatItGaveBefore_andLosesNoBuild() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, String> started = new LinkedHashMap<>();
            for (String name : FILES.keySet()) {
                started.put(name, begin(name, RANDOM.nextBoolean()));
            }
            Thread.sleep(RANDOM.nextInt(1000));
            farm.server().kill();
            assertSound();
            farm.restart();
            for (Map.Entry<String, String> build : started.entrySet()) {
                assertThat(layers(build.getValue())).as("%s, seed %d, round %d", build.getKey(), SEED, round)
                    .isEqualTo(EXPECTED.get(build.getKey()));
            }
        }
    }
}
