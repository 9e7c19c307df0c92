package dev.kiln.executor.frontend;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.executor.frontend.FrontendOptions.Entitlement;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.layercache.oci.Platform;

/** Options of a build from lines of text: {@code build-arg K=V}, {@code context NAME=ADDRESS}, {@code allow WORD}, … */
final class WrittenOptions {
    private static final ContextSpec.Uploaded UPLOADED = new ContextSpec.Uploaded(KnownImages.digest('f'), 1234);

    private final Map<String, String> buildArgs = new HashMap<>();
    private final Map<String, String> labels = new HashMap<>();
    private final Map<String, ContextSpec> contexts = new HashMap<>();
    private final Set<Entitlement> allowed = EnumSet.noneOf(Entitlement.class);
    private final Set<String> again = new HashSet<>();
    private final List<String> hosts = new ArrayList<>();
    private final Map<String, String> other = new HashMap<>();
    private ContextSpec main = UPLOADED;

    static FrontendOptions read(List<String> lines) throws Exception {
        WrittenOptions options = new WrittenOptions();
        lines.forEach(options::line);
        return options.make();
    }

    private void line(String line) {
        String[] words = line.split(" ", 2);
        String[] pair = line.substring(words[0].length()).strip().split("=", 2);
        switch (words[0]) {
            case "build-arg" -> buildArgs.put(pair[0], pair[1]);
            case "label" -> labels.put(pair[0], pair[1]);
            case "context" -> contexts.put(pair[0], context(pair[1]));
            case "main" -> main = context(words[1]);
            case "allow" -> allowed.add(Entitlement.valueOf(pair[0]));
            case "no-cache-filter" -> again.add(pair[0]);
            case "add-host" -> hosts.add(pair[0]);
            case "target", "platform", "network", "no-cache", "shm-size" -> other.put(words[0], pair[0]);
            default -> throw new IllegalArgumentException(line);
        }
    }

    private static ContextSpec context(String text) {
        if (text.startsWith("docker-image://")) {
            return new ContextSpec.Image(text.substring("docker-image://".length()));
        }
        if (text.equals("upload")) {
            return new ContextSpec.Uploaded(KnownImages.digest('e'), 77);
        }
        return GitRef.parse(text)
            .<ContextSpec>map(ContextSpec.Git::new)
            .orElseGet(() -> new ContextSpec.Http(HttpAddress.parse(text).orElseThrow()));
    }

    private FrontendOptions make() throws Exception {
        Platform platform = Platform.parse("linux/amd64");
        ContextSource files = new DockerfileFrontend(new KnownImages(), new KnownRemotes()).lookUp(main, buildArgs);
        return new FrontendOptions(new FrontendOptions.Contexts(main, files, contexts, Optional.empty()),
                Optional.ofNullable(other.get("target")), buildArgs, labels,
                new FrontendOptions.Platforms(platform,
                        Optional.ofNullable(other.get("platform")).map(Platform::parseList).orElse(List.of())),
                new FrontendOptions.Steps(OpSpec.Network.valueOf(other.getOrDefault("network", "DEFAULT")), allowed,
                        hosts, other.containsKey("shm-size")
                                ? OptionalLong.of(Long.parseLong(other.get("shm-size")))
                                : OptionalLong.empty(),
                        List.<Sandbox.Ulimit>of()),
                new FrontendOptions.NoCache(other.containsKey("no-cache"), again));
    }
}
