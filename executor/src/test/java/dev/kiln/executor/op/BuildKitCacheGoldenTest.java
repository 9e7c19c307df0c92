package dev.kiln.executor.op;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.kiln.dockerfile.DockerfileParser;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.executor.buildkit.CacheDocument;
import dev.kiln.executor.buildkit.CacheDocumentJson;
import dev.kiln.executor.buildkit.CacheGraph;
import dev.kiln.executor.buildkit.CacheKeys;
import dev.kiln.executor.buildkit.CacheLookUp;
import dev.kiln.executor.buildkit.CacheNode;
import dev.kiln.executor.buildkit.FileSelector;
import dev.kiln.executor.frontend.BaseImages.BaseImage;
import dev.kiln.executor.frontend.ContextSource;
import dev.kiln.executor.frontend.ContextSpec;
import dev.kiln.executor.frontend.DockerfileFrontend;
import dev.kiln.executor.frontend.FrontendOptions;
import dev.kiln.executor.frontend.Remotes;
import dev.kiln.executor.graph.BuildGraph;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Vertex;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageConfig;
import dev.kiln.layercache.oci.Platform;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Dockerfiles with the caches that BuildKit made of them, as {@code tests/exchange/run --record} writes them down: each
 * step must be found there.
 */
class BuildKitCacheGoldenTest {
    private static final Path CASES = Path.of("src/test/resources/exchange");
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Digest CONTEXT = Digest.sha256(new byte[]{1});

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"basic", "stages", "mounts", "heredocs", "copies"})
    void cacheOfBuildKit_hasEveryStep(String name) throws Exception {
        BuildGraph build = translate(CASES.resolve(name).resolve("Dockerfile"));
        CacheGraph graph = CacheGraph.of(build, AMD64, manifest -> Optional.empty());
        CacheDocument cache = CacheDocumentJson.read(Files.readAllBytes(CASES.resolve(name).resolve("cache.json")));
        CacheLookUp lookUp = new CacheLookUp(cache, graph);
        learnFiles(graph, lookUp, files(name));
        List<String> missing = new ArrayList<>();
        for (Vertex vertex : build.vertices()) {
            if (!vertex.inputs().isEmpty() && lookUp.results(graph.of(vertex).orElseThrow()).isEmpty()) {
                missing.add(vertex.name());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(build.vertices()).filteredOn(vertex -> !vertex.inputs().isEmpty()).hasSizeGreaterThan(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic", "stages", "mounts", "copies"})
    void cacheOfBuildKit_otherFiles_hasNothingThatTakesThem(String name) throws Exception {
        BuildGraph build = translate(CASES.resolve(name).resolve("Dockerfile"));
        CacheGraph graph = CacheGraph.of(build, AMD64, manifest -> Optional.empty());
        CacheLookUp lookUp = new CacheLookUp(
                CacheDocumentJson.read(Files.readAllBytes(CASES.resolve(name).resolve("cache.json"))), graph);
        Path root = files(name);
        for (String line : Files.readAllLines(CASES.resolve(name).resolve("files"))) {
            String[] words = line.split(" ", 3);
            if (!words[0].equals("link")) {
                Files.writeString(root.resolve(words[1]), "other\n");
            }
        }
        learnFiles(graph, lookUp, root);
        assertThat(graph.nodes())
            .filteredOn(node -> node instanceof CacheNode.Step step && step.inputs().stream().anyMatch(this::isContext))
            .isNotEmpty()
            .allMatch(node -> !lookUp.has(node));
    }

    private boolean isContext(CacheNode.Input input) {
        return input.content().filter(content -> content.from().op() instanceof OpSpec.Context).isPresent();
    }

    private void learnFiles(CacheGraph graph, CacheLookUp lookUp, Path files) throws Exception {
        for (CacheNode node : graph.nodes()) {
            if (node instanceof CacheNode.Step step) {
                for (int i = 0; i < step.inputs().size(); i++) {
                    if (isContext(step.inputs().get(i))) {
                        for (Digest digest : digests(files, step.inputs().get(i).content().orElseThrow().selectors())) {
                            lookUp.learn(step, i, digest);
                        }
                    }
                }
            }
        }
    }

    private static Set<Digest> digests(Path files, List<FileSelector> selectors) throws Exception {
        FileDigests digests = new FileDigests(Root.of(files), true);
        List<Digest> older = new ArrayList<>();
        List<Digest> newer = new ArrayList<>();
        for (FileSelector selector : selectors) {
            older.add(digests.of(selector).older());
            newer.add(digests.of(selector).newer());
        }
        return older.equals(newer)
                ? Set.of(CacheKeys.content(older))
                : Set.of(CacheKeys.content(older), CacheKeys.content(newer));
    }

    /** The context of a case; a line is {@code MODE PATH TEXT} or {@code link PATH TARGET}. */
    private Path files(String name) throws IOException {
        Path root = Files.createDirectory(folder.resolve(name));
        for (String line : Files.readAllLines(CASES.resolve(name).resolve("files"))) {
            String[] words = line.split(" ", 3);
            Path file = root.resolve(words[1]);
            Files.createDirectories(file.getParent());
            if (words[0].equals("link")) {
                Files.createSymbolicLink(file, Path.of(words[2]));
            } else {
                Files.writeString(file, words[2] + "\n");
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions(words[0])));
            }
        }
        try (var all = Files.walk(root)) {
            for (Path directory : all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                .toList()) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        return root;
    }

    private static String permissions(String octal) {
        StringBuilder text = new StringBuilder();
        for (char digit : octal.toCharArray()) {
            int bits = digit - '0';
            text.append((bits & 4) != 0 ? 'r' : '-')
                .append((bits & 2) != 0 ? 'w' : '-')
                .append((bits & 1) != 0
                        ? 'x'
                        : '-');
        }
        return text.toString();
    }

    private static BuildGraph translate(Path dockerfile) throws Exception {
        Map<String, String> base = new LinkedHashMap<>();
        for (String line : Files.readAllLines(CASES.resolve("base"))) {
            base.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
        }
        ImageConfig config = new ImageConfig(AMD64, Optional.empty(), Optional.empty(), ImageConfig.RunConfig.EMPTY,
                List.of(Digest.parse(base.get("layer"))), List.of());
        DockerfileFrontend frontend = new DockerfileFrontend((reference, platform) -> new BaseImage(
                reference.withDigest(Digest.parse(base.get("manifest"))), config), new NoRemotes());
        FrontendOptions options = new FrontendOptions(
                new FrontendOptions.Contexts(new ContextSpec.Uploaded(CONTEXT, 1),
                        new ContextSource.Files(new OpSpec.Context(CONTEXT, 1)), Map.of(), Optional.empty()),
                Optional.empty(), Map.of(), Map.of(), new FrontendOptions.Platforms(AMD64, List.of()),
                FrontendOptions.Steps.on(OpSpec.Network.DEFAULT), FrontendOptions.NoCache.NONE);
        return frontend.translate(DockerfileParser.parse(Files.readAllBytes(dockerfile)), options).graph();
    }

    /** None of the cases needs any. */
    private static final class NoRemotes implements Remotes {

        @Override
        public Commit commit(GitRef ref) {
            throw new AssertionError(ref);
        }

        @Override
        public Instant commitTime(GitRef ref, Commit commit) {
            throw new AssertionError(ref);
        }

        @Override
        public Download download(URI address, Optional<Digest> checksum) {
            throw new AssertionError(address);
        }

        @Override
        public boolean isArchive(Digest content) {
            throw new AssertionError(content);
        }

        @Override
        public Optional<Instant> newestFile(Digest content) {
            throw new AssertionError(content);
        }
    }
}
