package dev.kiln.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.ExtraHost;
import dev.kiln.queue.job.Ulimit;

/** What a build is told beside its files, spelled as docker buildx spells it. */
final class BuildFlags {
    private static final String EPOCH = "SOURCE_DATE_EPOCH";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = {"-t",
        "--tag"}, paramLabel = "NAME", description = "What to call the image, [HOST/]REPOSITORY[:TAG]; may be given several times.")
    private final List<String> names = new ArrayList<>();

    @Option(names = "--target", paramLabel = "STAGE", description = "The stage to build (default: the last).")
    private @Nullable String target;

    @Option(names = "--build-arg", paramLabel = "KEY[=VALUE]", description = "A value for an ARG; without =, the variable of that name in this shell.")
    private final List<String> buildArgs = new ArrayList<>();

    @Option(names = "--label", paramLabel = "KEY[=VALUE]", description = "A label of the image.")
    private final List<String> labels = new ArrayList<>();

    @Option(names = "--platform", paramLabel = "PLATFORM", description = "What the image is for, os/architecture[/variant] (default: the executor's); several, separated by commas or given several times, make an index.")
    private final List<String> platforms = new ArrayList<>();

    @Option(names = "--no-cache", description = "Run every step again.")
    private boolean noCache;

    @Option(names = "--no-cache-filter", paramLabel = "STAGE", description = "Run the steps of this stage again; may be given several times, or separated by commas.")
    private final List<String> noCacheFilter = new ArrayList<>();

    @Option(names = "--network", paramLabel = "MODE", description = "The network of steps that do not say: default, none, host, private.")
    private String network = "default";

    @Option(names = "--allow", paramLabel = "ENTITLEMENT", description = "Ask for network.host or security.insecure; an executor must be configured to grant it.")
    private final List<String> allow = new ArrayList<>();

    @Option(names = "--add-host", paramLabel = "NAME=ADDRESS", description = "A host that steps know by name; also NAME:ADDRESS. May be given several times.")
    private final List<String> hosts = new ArrayList<>();

    @Option(names = "--shm-size", paramLabel = "SIZE", description = "Size of /dev/shm (default: 64m).")
    private @Nullable String shmSize;

    @Option(names = "--ulimit", paramLabel = "TYPE=SOFT[:HARD]", description = "A limit of processes, such as nofile=1024:2048; may be given several times.")
    private final List<String> ulimits = new ArrayList<>();

    @Option(names = {"-m", "--memory"}, paramLabel = "SIZE", description = "Memory of one step, such as 512m or 4g.")
    private @Nullable String memory;

    @Option(names = "--cpus", paramLabel = "N", description = "Processors of one step, such as 1.5.")
    private @Nullable Double cpus;

    @Option(names = "--pids", paramLabel = "N", description = "Processes and threads of one step.")
    private @Nullable Long pids;

    @Option(names = "--cgroup-parent", hidden = true)
    private @Nullable String cgroupParent;

    List<ImageReference> names() {
        return names.stream().map(parsed("-t", BuildFlags::name)).toList();
    }

    private static ImageReference name(String text) {
        ImageReference name = ImageReference.parse(text);
        if (name.digest().isPresent()) {
            throw new IllegalArgumentException("an image to be made has no digest yet");
        }
        return name;
    }

    /** How many images the build makes. */
    int images() {
        return Math.max(1, platforms().size());
    }

    Optional<String> target() {
        return Optional.ofNullable(target);
    }

    /** With the time that reproducible builds agree on, which a shell may have set for all its programs. */
    Map<String, String> buildArgs() {
        Map<String, String> given = KeyValues.ofOption(spec, "--build-arg", buildArgs, true);
        Optional.ofNullable(System.getenv(EPOCH)).ifPresent(time -> given.putIfAbsent(EPOCH, time));
        return given;
    }

    /** Each once, in the order given. */
    List<Platform> platforms() {
        return words(platforms).stream().map(parsed("--platform", Platform::parse)).distinct().toList();
    }

    /** The fields of a request. */
    ObjectNode request() {
        if (cgroupParent != null) {
            throw usage("--cgroup-parent is not supported: the executor places steps in cgroups of its own; limit them"
                    + " with --memory, --cpus and --pids");
        }
        ObjectNode request = ApiClient.newObject().put("noCache", noCache);
        names().forEach(name -> request.withArray("names").add(name.toString()));
        target().ifPresent(t -> request.put("target", t));
        List<Platform> all = platforms();
        if (!all.isEmpty()) {
            request.put("platform", Platform.list(all));
        }
        request.set("buildArgs", ApiClient.object(buildArgs()));
        request.set("labels", ApiClient.object(KeyValues.ofOption(spec, "--label", labels, false)));
        list(request, "noCacheStages", "--no-cache-filter", words(noCacheFilter), stage -> stage);
        putSteps(request);
        return request;
    }

    private void putSteps(ObjectNode request) {
        switch (network) {
            case "default" -> {
            }
            case "none", "host", "private" -> request.put("network", network);
            default -> throw usage("--network is default, none, host or private, not \"" + network + "\"");
        }
        list(request, "entitlements", "--allow", words(allow), word -> Entitlement.parse(word).word());
        list(request, "hosts", "--add-host", hosts, host -> ExtraHost.parse(host).toString());
        list(request, "ulimits", "--ulimit", ulimits, limit -> Ulimit.parse(limit).toString());
        Optional.ofNullable(shmSize).ifPresent(size -> request.put("sharedMemory", size("--shm-size", size)));
        ObjectNode limits = ApiClient.newObject();
        Optional.ofNullable(memory).ifPresent(m -> limits.put("memoryBytes", size("--memory", m)));
        Optional.ofNullable(cpus).ifPresent(c -> limits.put("cpus", c));
        Optional.ofNullable(pids).ifPresent(p -> limits.put("pids", p));
        if (!limits.isEmpty()) {
            request.set("limits", limits);
        }
    }

    private void list(ObjectNode request, String field, String option, List<String> given,
            Function<String, String> checked) {
        given.forEach(value -> request.withArray(field).add(parsed(option, checked).apply(value)));
    }

    private <T> Function<String, T> parsed(String option, Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                throw usage(option + " " + text + ": " + e.getMessage());
            }
        };
    }

    private static List<String> words(List<String> given) {
        return given.stream()
            .flatMap(words -> Arrays.stream(words.split(",")))
            .flatMap(word -> word.isBlank() ? Stream.empty() : Stream.of(word.strip()))
            .toList();
    }

    private long size(String option, String text) {
        return parsed(option, ByteSize::parse).apply(text);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
