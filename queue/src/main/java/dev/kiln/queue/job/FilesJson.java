package dev.kiln.queue.job;

import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** The fields of {@link BuildFiles} in a request's JSON. */
final class FilesJson {
    private static final int MAX_NAMED = 256;

    private FilesJson() {}

    static void put(ObjectNode json, BuildFiles files) {
        json.set("context", tree(files.context()));
        json.put("dockerfile", files.dockerfile());
        files.dockerfileFrom().ifPresent(from -> json.set("dockerfileFrom", tree(from)));
        if (!files.named().isEmpty()) {
            ObjectNode named = json.putObject("namedContexts");
            files.named().forEach((name, context) -> named.set(name, tree(context)));
        }
        files.ignorePatterns().ifPresent(patterns -> json.put("ignorePatterns", patterns));
    }

    static BuildFiles read(JsonFields json) {
        return json.build(() -> new BuildFiles(readContext(json.object("context")),
                json.optionalString("dockerfile").orElse(BuildFiles.USUAL_DOCKERFILE),
                json.optionalObject("dockerfileFrom").map(FilesJson::readUploaded),
                json.optionalObject("namedContexts").map(FilesJson::readNamed).orElse(Map.of()),
                json.optionalString("ignorePatterns")));
    }

    private static ObjectNode tree(NamedContext named) {
        return switch (named) {
            case NamedContext.Files(ContextRef context) -> tree(context);
            case NamedContext.Image(ImageReference reference) ->
                JsonText.object().put("type", "image").put("reference", reference.toString());
        };
    }

    private static ObjectNode tree(ContextRef context) {
        ObjectNode json = JsonText.object();
        return switch (context) {
            case ContextRef.Uploaded(Digest digest, long size) -> json.put("type", "uploaded")
                .put("digest", digest.toString())
                .put("size", size);
            case ContextRef.Git(String address) -> json.put("type", "git").put("address", address);
            case ContextRef.Http(URI address) -> json.put("type", "http").put("address", address.toString());
            case ContextRef.Empty() -> json.put("type", "empty");
        };
    }

    private static Map<String, NamedContext> readNamed(JsonFields json) {
        Map<String, NamedContext> named = new TreeMap<>();
        json.names(MAX_NAMED).forEach(name -> {
            JsonFields value = json.object(name);
            named.put(name, value.build(() -> readNamedContext(value)));
        });
        return named;
    }

    private static NamedContext readNamedContext(JsonFields json) {
        return json.string("type").equals("image")
                ? new NamedContext.Image(json.parsed("reference", ImageReference::parse))
                : new NamedContext.Files(readContext(json));
    }

    private static ContextRef readContext(JsonFields json) {
        return json.build(() -> switch (json.string("type")) {
            case "uploaded" -> readUploaded(json);
            case "git" -> new ContextRef.Git(json.string("address"));
            case "http" -> json.parsed("address", text -> new ContextRef.Http(URI.create(text)));
            case "empty" -> new ContextRef.Empty();
            default -> throw json.problem("type", "unknown kind of context; known: uploaded, git, http, empty");
        });
    }

    private static ContextRef.Uploaded readUploaded(JsonFields json) {
        if (!json.optionalString("type").orElse("uploaded").equals("uploaded")) {
            throw json.problem("type", "expected uploaded");
        }
        return json
            .build(() -> new ContextRef.Uploaded(json.parsed("digest", Digest::parse), json.number("size")));
    }
}
