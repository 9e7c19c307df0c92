package dev.kiln.api.builds;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Query;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildOptions;
import dev.kiln.queue.job.BuildOutput;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.CacheExport;
import dev.kiln.queue.job.CacheImport;
import dev.kiln.queue.job.CacheOptions;
import dev.kiln.queue.job.CacheWords;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.Entitlement;
import dev.kiln.queue.job.ExtraHost;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.job.Output;
import dev.kiln.queue.job.OutputWords;
import dev.kiln.queue.job.Priority;
import dev.kiln.queue.job.QueueOptions;
import dev.kiln.queue.job.StepLimits;
import dev.kiln.queue.job.StepOptions;
import dev.kiln.queue.job.Ulimit;

/**
 * A build as query parameters, beside an uploaded tar: what can be said in one call of curl. {@link BuildDocument} says
 * everything.
 */
final class BuildForm {
    /** The query parameters. */
    static final String[] PARAMETERS = {"t", "dockerfile", "target", "buildarg", "label", "push", "nocache", "network",
        "memory", "cpus", "pids", "platform", "nocachefilter", "cachefrom", "cacheto", "host", "shmsize", "ulimit",
        "allow", "output", "tenant", "priority", "supersede", "timeout", "steptimeout"};

    private BuildForm() {}

    /** Refuses query parameters that {@link #read} would refuse, before there is a context. */
    static void check(Query query) {
        Digest none = new Digest("sha256", "0".repeat(64));
        var unused = read(query, new BuildId("0".repeat(26)), Instant.EPOCH, new ContextRef.Uploaded(none, 0));
    }

    /** Reads query parameters. */
    static BuildRequest read(Query query, BuildId id, Instant now, ContextRef.Uploaded context) {
        List<Platform> platforms = query.one("platform", Platform::parseList).orElse(List.of());
        Optional<NetworkMode> network = query.one("network", BuildForm::network);
        List<ExtraHost> hosts = query.all("host", ExtraHost::parse);
        List<Ulimit> ulimits = query.all("ulimit", Ulimit::parse);
        Set<Entitlement> allowed = Set.copyOf(query.all("allow", Entitlement::parse));
        List<ImageReference> names = query.all("t", ImageReference::parse);
        List<Output> outputs = query.all("output", text -> OutputWords.parse(text).toOutput());
        QueueOptions queueing = queueing(query);
        String dockerfile = path(query.one("dockerfile").orElse(BuildFiles.USUAL_DOCKERFILE));
        try {
            StepLimits limits = new StepLimits(query.number("memory", 0, Long.MAX_VALUE), query.decimal("cpus"),
                    query.number("pids", 0, Long.MAX_VALUE));
            return checked(BuildRequest.of(id, now, context)
                .withFiles(BuildFiles.of(context).withDockerfile(dockerfile))
                .withOptions(new BuildOptions(query.one("target"), platforms, pairs(query, "buildarg"),
                        pairs(query, "label"), cache(query)))
                .withOutput(new BuildOutput(names, query.flag("push"), outputs))
                .withSteps(new StepOptions(network, limits, hosts, query.number("shmsize", 1, Long.MAX_VALUE), ulimits,
                        allowed))
                .withQueueing(queueing));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(HttpProblem.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    private static QueueOptions queueing(Query query) {
        Priority priority = query.one("priority", Priority::parse).orElse(Priority.NORMAL);
        Optional<Duration> build = seconds(query, "timeout");
        Optional<Duration> step = seconds(query, "steptimeout");
        try {
            return new QueueOptions(query.one("tenant").orElse(QueueOptions.DEFAULT_TENANT), priority,
                    query.one("supersede"), new QueueOptions.Deadlines(build, step));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(HttpProblem.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<Duration> seconds(Query query, String name) {
        OptionalLong seconds = query.number(name, 1, Duration.ofDays(30).toSeconds());
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsLong())) : Optional.empty();
    }

    private static CacheOptions cache(Query query) {
        List<CacheImport> from = query.all("cachefrom", CacheWords::parse)
            .stream()
            .flatMap(List::stream)
            .map(words -> named("cachefrom", words::toImport))
            .toList();
        List<CacheExport> to = query.all("cacheto", CacheWords::parse)
            .stream()
            .flatMap(List::stream)
            .map(words -> named("cacheto", words::toExport))
            .toList();
        return new CacheOptions(query.flag("nocache"), query.all("nocachefilter"), from, to);
    }

    private static <T> T named(String parameter, Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw ProblemException.invalid(parameter, String.valueOf(e.getMessage()));
        }
    }

    /** The path without needless parts; it stays inside the context. */
    static String path(String text) {
        List<String> names = new ArrayList<>();
        for (String name : text.split("/", -1)) {
            if (name.equals("..") || text.startsWith("/")) {
                throw ProblemException.invalid("dockerfile", "expected a path in the context, without \"..\"");
            }
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return String.join("/", names);
    }

    private static Map<String, String> pairs(Query query, String name) {
        Map<String, String> pairs = new TreeMap<>();
        for (String pair : query.all(name)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw ProblemException.invalid(name, "expected KEY=VALUE");
            }
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return pairs;
    }

    private static NetworkMode network(String word) {
        return switch (word) {
            case "none" -> NetworkMode.NONE;
            case "host" -> NetworkMode.HOST;
            case "private" -> NetworkMode.PRIVATE;
            default -> throw new IllegalArgumentException("expected none, host or private");
        };
    }

    /** Refuses what no form may say. */
    static BuildRequest checked(BuildRequest request) {
        for (ImageReference name : request.output().names()) {
            if (name.digest().isPresent()) {
                throw ProblemException.invalid("names",
                        "\"" + name + "\" holds a digest, which a name for a new image cannot");
            }
        }
        Optional<String> blank = request.options().target().filter(String::isBlank);
        if (blank.isPresent()) {
            throw ProblemException.invalid("target", "is empty; leave it out to build the last stage");
        }
        RemoteCheck.check(request.files());
        return request;
    }
}
