package dev.kiln.queue.job;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** The JSON form of {@link Output}; what has its default is absent. */
public final class OutputJson {
    private static final int MAX_LIST = 256;

    private OutputJson() {}

    public static ObjectNode tree(Output output) {
        return switch (output) {
            case Output.Image(List<ImageReference> names, Output.Push push, ImageForm form) -> {
                ObjectNode json = JsonText.object().put("type", "image");
                if (!names.isEmpty()) {
                    names.forEach(name -> json.withArray("names").add(name.toString()));
                }
                if (push != Output.Push.NO) {
                    json.put("push", push.name().toLowerCase(Locale.ROOT));
                }
                put(json, form);
                yield json;
            }
            case Output.Files() -> JsonText.object().put("type", "files");
        };
    }

    private static void put(ObjectNode json, ImageForm form) {
        form.compression().ifPresent(compression -> {
            json.put("compression", compression.kind().word());
            compression.level().ifPresent(level -> json.put("compressionLevel", level));
        });
        putIf(json, "forceCompression", form.forceCompression());
        if (!form.ociMediaTypes()) {
            json.put("ociMediaTypes", false);
        }
        putIf(json, "rewriteTimestamp", form.rewriteTimestamp());
        putIf(json, "squash", form.squash());
        form.annotations().forEach(annotation -> json.withArray("annotations").add(annotation.toString()));
    }

    private static void putIf(ObjectNode json, String name, boolean value) {
        if (value) {
            json.put(name, true);
        }
    }

    static List<Output> readAll(JsonFields json) {
        return json.objects("outputs", MAX_LIST, fields -> fields.build(() -> read(fields)));
    }

    private static Output read(JsonFields json) {
        return switch (json.string("type")) {
            case "image" -> new Output.Image(json.list("names", MAX_LIST, ImageReference::parse),
                    json.optionalParsed("push", OutputJson::push).orElse(Output.Push.NO), form(json));
            case "files" -> new Output.Files();
            default -> throw json.problem("type", "unknown kind of output; known: image, files");
        };
    }

    private static ImageForm form(JsonFields json) {
        OptionalInt level = json.optionalInteger("compressionLevel");
        Optional<LayerCompression> compression = json
            .optionalParsed("compression", word -> new LayerCompression(LayerCompression.Kind.parse(word), level));
        if (compression.isEmpty() && level.isPresent()) {
            throw json.problem("compressionLevel", "says nothing without a compression");
        }
        return new ImageForm(compression, json.bool("forceCompression", false), json.bool("ociMediaTypes", true),
                json.bool("rewriteTimestamp", false), json.bool("squash", false),
                json.list("annotations", MAX_LIST, Annotation::parse).stream().flatMap(List::stream).toList());
    }

    private static Output.Push push(String word) {
        return switch (word) {
            case "tags" -> Output.Push.TAGS;
            case "digest" -> Output.Push.DIGEST;
            default -> throw new IllegalArgumentException("expected tags or digest");
        };
    }
}
