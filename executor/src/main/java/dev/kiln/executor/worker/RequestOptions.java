package dev.kiln.executor.worker;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import dev.kiln.dockerfile.ignore.IgnoreFileException;
import dev.kiln.dockerfile.ignore.IgnorePatterns;
import dev.kiln.dockerfile.remote.GitRef;
import dev.kiln.dockerfile.remote.HttpAddress;
import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.executor.frontend.ContextSource;
import dev.kiln.executor.frontend.ContextSpec;
import dev.kiln.executor.frontend.FrontendOptions;
import dev.kiln.executor.frontend.FrontendOptions.Contexts;
import dev.kiln.executor.frontend.FrontendOptions.Entitlement;
import dev.kiln.executor.frontend.FrontendOptions.NoCache;
import dev.kiln.executor.frontend.FrontendOptions.Platforms;
import dev.kiln.executor.frontend.FrontendOptions.Steps;
import dev.kiln.executor.graph.OpSpec;
import dev.kiln.executor.graph.Sandbox;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.ExtraHost;
import dev.kiln.queue.job.NamedContext;
import dev.kiln.queue.job.StepOptions;

/** What a request says, in the words of the frontend. */
public final class RequestOptions {

    private RequestOptions() {}

    /**
     * @param files what was found at the main context
     * @param allowed what steps may have beyond the usual sandbox
     */
    public static FrontendOptions of(BuildRequest request, ContextSource files, Set<Entitlement> allowed) {
        Map<String, ContextSpec> named = new LinkedHashMap<>();
        request.files().named().forEach((name, context) -> named.put(name, spec(context)));
        Contexts contexts = new Contexts(spec(request.files().context()), files, named, ignored(request.files()));
        return new FrontendOptions(contexts, request.options().target(), request.options().buildArgs(),
                request.options().labels(), new Platforms(Platform.host(), request.options().platforms()),
                steps(request.steps(), allowed),
                new NoCache(request.options().cache().off(), Set.copyOf(request.options().cache().offStages())),
                project(request));
    }

    /** Whichever branch is built, and whatever tag is given; empty for an upload that is given no name. */
    private static String project(BuildRequest request) {
        return switch (request.files().context()) {
            case ContextRef.Git(String address) -> address.replaceFirst("[#?].*", "");
            case ContextRef.Uploaded _,ContextRef.Http _,ContextRef.Empty _ -> request.output()
                .names()
                .stream()
                .findFirst()
                .map(name -> name.registry().map(host -> host + "/").orElse("") + name.repository())
                .orElse("");
        };
    }

    /** @throws DockerfileException when it is an address, and malformed */
    public static ContextSpec spec(ContextRef context) {
        return switch (context) {
            case ContextRef.Uploaded(var digest, long size) -> new ContextSpec.Uploaded(digest, size);
            case ContextRef.Git(String address) -> new ContextSpec.Git(GitRef.parse(address)
                .orElseThrow(() -> malformed("a git repository", address)));
            case ContextRef.Http(var address) -> new ContextSpec.Http(HttpAddress.parse(address.toString())
                .orElseThrow(() -> malformed("a file or an archive", address.toString())));
            case ContextRef.Empty() -> new ContextSpec.Nothing();
        };
    }

    private static ContextSpec spec(NamedContext context) {
        return switch (context) {
            case NamedContext.Files(ContextRef files) -> spec(files);
            case NamedContext.Image(var reference) -> new ContextSpec.Image(reference.toString());
        };
    }

    private static DockerfileException malformed(String what, String address) {
        return new DockerfileException(DockerfileException.Code.SYNTAX,
                "the context \"" + address + "\" is not the address of " + what);
    }

    private static Steps steps(StepOptions steps, Set<Entitlement> allowed) {
        OpSpec.Network network = steps.network().map(mode -> switch (mode) {
            case NONE -> OpSpec.Network.NONE;
            case HOST -> OpSpec.Network.HOST;
            case PRIVATE -> OpSpec.Network.PRIVATE;
        }).orElse(OpSpec.Network.DEFAULT);
        List<Sandbox.Ulimit> ulimits = steps.ulimits()
            .stream()
            .map(limit -> new Sandbox.Ulimit(limit.name(), limit.soft(), limit.hard()))
            .toList();
        return new Steps(network, allowed, steps.hosts().stream().map(ExtraHost::name).toList(),
                steps.sharedMemory(), ulimits);
    }

    /** A file that cannot be read was of no use to the client either; what depends on it is then not found fault with. */
    private static Optional<IgnorePatterns> ignored(BuildFiles files) {
        return files.ignorePatterns().flatMap(text -> {
            try {
                return Optional.of(IgnorePatterns.parse(text.getBytes(StandardCharsets.UTF_8)));
            } catch (IgnoreFileException e) {
                return Optional.empty();
            }
        });
    }
}
