package dev.kiln.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** What builds give: to files, folders and registries. */
@Tag("privileged")
class OutputsIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DOCKERFILE = """
            FROM busybox
            ARG SOURCE_DATE_EPOCH
            RUN mkdir /d && echo one > /d/one && echo gone > /d/gone && echo x > /d/x
            RUN echo two > /d/two && test -e /d/gone && : > /d/gone
            CMD ["cat", "/d/two"]
            """;

    @TempDir
    private static Path folder;
    private static FarmFixture farm;
    private static String context = "";

    @BeforeAll
    static void start() throws Exception {
        farm = new FarmFixture(folder);
        farm.importBusybox();
        context = farm.context("outputs", DOCKERFILE).toString();
    }

    @AfterAll
    static void stop() {
        farm.close();
    }

    private static void build(String... args) throws Exception {
        String[] all = new String[args.length + 2];
        all[0] = "build";
        System.arraycopy(args, 0, all, 1, args.length);
        all[all.length - 1] = context;
        Command.Result result = farm.kiln(all);
        assertThat(result.exit()).as(result.err()).isZero();
    }

    private static String listing(Path tar) throws Exception {
        Process process = new ProcessBuilder("tar", "-tf", tar.toString()).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI.create(farm.address() + path))
                .header("Accept", "application/vnd.oci.image.manifest.v1+json")
                .build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode metadata(Path file) throws Exception {
        return JSON.readTree(Files.readString(file));
    }

    @Test
    void outputs_ofOneBuild_areAllWritten() throws Exception {
        Path docker = folder.resolve("docker.tar");
        Path layout = folder.resolve("layout");
        Path files = folder.resolve("files");
        Path tar = folder.resolve("files.tar");
        build("-t", "outputs:1", "-o", "type=docker,dest=" + docker, "-o",
                "type=oci,tar=false,compression=zstd,force-compression=true,squash=true,dest=" + layout, "-o",
                "type=tar,dest=" + tar, "-o", files.toString(), "--push", "--annotation", "who=me", "--iidfile",
                folder.resolve("iid").toString(), "--metadata-file", folder.resolve("meta").toString());

        assertThat(listing(docker).lines()).contains("manifest.json", "index.json", "oci-layout");
        assertThat(Files.readString(layout.resolve("index.json"))).contains("docker.io/library/outputs:1");
        assertThat(listing(tar).lines()).contains("d/two", "bin/busybox").doesNotContain("./");
        assertThat(files.resolve("d/two")).hasContent("two\n");
        assertThat(Files.readSymbolicLink(files.resolve("bin/sh"))).hasToString("busybox");
        JsonNode meta = metadata(folder.resolve("meta"));
        assertThat(Files.readString(folder.resolve("iid")))
            .isEqualTo(meta.path("containerimage.config.digest").stringValue());
        JsonNode pushed = JSON.readTree(get("/v2/outputs/manifests/1").body());
        assertThat(pushed.path("annotations").path("who").stringValue()).isEqualTo("me");
        assertThat(pushed.path("layers")).hasSize(3);
        JsonNode index = JSON.readTree(Files.readString(layout.resolve("index.json")));
        String squashed = index.path("manifests").path(0).path("digest").stringValue().replace("sha256:", "");
        JsonNode manifest = JSON.readTree(Files.readString(layout.resolve("blobs/sha256/" + squashed)));
        assertThat(manifest.path("layers")).hasSize(2)
            .allMatch(layer -> layer.path("mediaType").stringValue().endsWith("+zstd"));
    }

    @Test
    void rewrittenTimes_twoBuildsOfTheSame_giveTheSameImage() throws Exception {
        for (int i = 0; i < 2; i++) {
            build("--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1000000000", "-o",
                    "type=oci,rewrite-timestamp=true,dest=" + folder.resolve("epoch" + i), "-o",
                    "type=local,dest=" + folder.resolve("dated" + i), "--metadata-file",
                    folder.resolve("meta" + i).toString());
        }

        assertThat(metadata(folder.resolve("meta0")).path("containerimage.digest"))
            .isEqualTo(metadata(folder.resolve("meta1")).path("containerimage.digest"));
        assertThat(Files.mismatch(folder.resolve("epoch0"), folder.resolve("epoch1"))).isEqualTo(-1);
        assertThat(Files.getLastModifiedTime(folder.resolve("dated0/d/two")).toInstant())
            .isEqualTo(Instant.ofEpochSecond(1_000_000_000));
    }

    @Test
    void pushByDigest_putsNoTag() throws Exception {
        build("-o", "type=image,push=true,push-by-digest=true,\"name=bydigest/a,bydigest/b\"", "--metadata-file",
                folder.resolve("by").toString());

        String digest = metadata(folder.resolve("by")).path("containerimage.digest").stringValue();
        assertThat(get("/v2/bydigest/a/manifests/" + digest).statusCode()).isEqualTo(200);
        assertThat(get("/v2/bydigest/b/manifests/" + digest).statusCode()).isEqualTo(200);
        assertThat(get("/v2/bydigest/a/manifests/latest").statusCode()).isEqualTo(404);
    }

    @Test
    void outputs_notPossible_areRefusedInTime() throws Exception {
        Command.Result index = farm.kiln("build", "--annotation", "index:a=b", context);
        assertThat(index.exit()).isEqualTo(1);
        assertThat(index.err()).contains("for an index").doesNotContain("RUN");
        Command.Result times = farm.kiln("build", "-o", "type=image,rewrite-timestamp=true", context);
        assertThat(times.err()).contains("SOURCE_DATE_EPOCH").doesNotContain("RUN");
        assertThat(farm.kiln("build", "-o", "type=moby", context).exit()).isEqualTo(2);
        assertThat(farm.kiln("build", "--detach", "-o", "out", context).exit()).isEqualTo(2);
    }
}
