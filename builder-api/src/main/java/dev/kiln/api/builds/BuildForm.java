package dev.kiln.api.builds;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.api.http.HttpProblem;
import dev.kiln.api.http.ProblemException;
import dev.kiln.api.http.Query;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.BuildFiles;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.job.BuildOptions;
import dev.kiln.queue.job.BuildOutput;
import dev.kiln.queue.job.BuildRequest;
import dev.kiln.queue.job.ContextRef;
import dev.kiln.queue.job.NetworkMode;
import dev.kiln.queue.job.RequestJson;
import dev.kiln.queue.job.StepLimits;
import dev.kiln.queue.job.StepOptions;
import dev.kiln.queue.json.JsonFields;

/**
 * The two forms in which a client writes a build: a JSON document (the schema {@code NewBuild} of {@code openapi.yaml}),
 * and query parameters. Whatever a form does not know is refused by name.
 */
final class BuildForm {
    /** The query parameters. */
    static final String[] PARAMETERS = {"t", "dockerfile", "target", "buildarg", "label", "push", "nocache", "network",
        "memory", "cpus", "pids"};

    private static final Set<String> FIELDS = Set.of("context", "dockerfile", "target", "buildArgs", "labels", "names",
            "push", "noCache", "network", "limits");
    private static final Map<String, Set<String>> INNER = Map.of("context", Set.of("type", "digest", "size"), "limits",
            Set.of("memoryBytes", "cpus", "pids"));

    private BuildForm() {}

    /** The digest of the context that a document names; refuses fields that no document has. */
    static Digest context(ObjectNode document) {
        refuseUnknown(document, FIELDS, "");
        INNER.forEach((name, known) -> {
            if (document.get(name) instanceof ObjectNode inner) {
                refuseUnknown(inner, known, name + ".");
            }
        });
        return JsonFields.of(document).object("context").parsed("digest", Digest::parse);
    }

    /** Reads a document whose {@link #context} was found to be this one. */
    static BuildRequest read(ObjectNode document, BuildId id, Instant now, ContextRef.Uploaded context) {
        ObjectNode json = document.deepCopy();
        json.put("id", id.value());
        json.put("submitted", now.toString());
        if (json.get("context") instanceof ObjectNode named) {
            complete(named, context);
        }
        if (json.path("dockerfile").isString()) {
            json.put("dockerfile", path(json.path("dockerfile").stringValue()));
        }
        return checked(RequestJson.read(JsonFields.of(json)));
    }

    private static void complete(ObjectNode named, ContextRef.Uploaded context) {
        if (!named.has("type")) {
            named.put("type", "uploaded");
        }
        if (!named.has("size")) {
            named.put("size", context.size());
        } else if (named.path("size").asLong(-1) != context.size()) {
            throw ProblemException.invalid("context.size", "the context has " + context.size() + " bytes");
        }
    }

    private static void refuseUnknown(ObjectNode object, Set<String> known, String prefix) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                String shown = prefix + (name.length() <= 100 ? name : name.substring(0, 100) + "…");
                throw ProblemException.invalid(shown, "there is no such field; known: "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        }
    }

    /** Refuses query parameters that {@link #read} would refuse, before there is a context. */
    static void check(Query query) {
        Digest none = new Digest("sha256", "0".repeat(64));
        var unused = read(query, new BuildId("0".repeat(26)), Instant.EPOCH, new ContextRef.Uploaded(none, 0));
    }

    /** Reads query parameters. */
    static BuildRequest read(Query query, BuildId id, Instant now, ContextRef.Uploaded context) {
        StepLimits limits;
        try {
            limits = new StepLimits(query.number("memory", 0, Long.MAX_VALUE), query.decimal("cpus"),
                    query.number("pids", 0, Long.MAX_VALUE));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(HttpProblem.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
        }
        try {
            BuildFiles files = BuildFiles.of(context)
                .withDockerfile(path(query.one("dockerfile").orElse(BuildFiles.USUAL_DOCKERFILE)));
            return checked(BuildRequest.of(id, now, context)
                .withFiles(files)
                .withOptions(new BuildOptions(query.one("target"), Optional.empty(), pairs(query, "buildarg"),
                        pairs(query, "label"), query.flag("nocache"), List.of()))
                .withOutput(new BuildOutput(query.all("t", ImageReference::parse), query.flag("push")))
                .withSteps(new StepOptions(query.one("network", BuildForm::network), limits, List.of(),
                        OptionalLong.empty(), List.of(), Set.of())));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(HttpProblem.INVALID_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    /** The path without needless parts; it stays inside the context. */
    private static String path(String text) {
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

    private static BuildRequest checked(BuildRequest request) {
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
        return request;
    }
}
