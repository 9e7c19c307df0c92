package dev.kiln.queue.job;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.CacheExport.Form;
import dev.kiln.queue.job.CacheExport.Mode;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** The JSON form of {@link CacheOptions}: fields of the request; what has its default is absent but {@code noCache}. */
public final class CacheJson {
    private static final int MAX_LIST = 256;

    private CacheJson() {}

    static void put(ObjectNode json, CacheOptions cache) {
        json.put("noCache", cache.off());
        if (!cache.offStages().isEmpty()) {
            cache.offStages().forEach(json.putArray("noCacheStages")::add);
        }
        if (!cache.from().isEmpty()) {
            cache.from().forEach(from -> json.withArray("cacheFrom").add(tree(from)));
        }
        if (!cache.to().isEmpty()) {
            cache.to().forEach(to -> json.withArray("cacheTo").add(tree(to)));
        }
    }

    static CacheOptions read(JsonFields json) {
        return new CacheOptions(json.bool("noCache", false), json.list("noCacheStages", MAX_LIST, text -> text),
                objects(json, "cacheFrom", CacheJson::readImport), objects(json, "cacheTo", CacheJson::readExport));
    }

    private static <T> List<T> objects(JsonFields json, String name, Function<JsonFields, T> reader) {
        return json.objects(name, MAX_LIST, fields -> fields.build(() -> reader.apply(fields)));
    }

    public static ObjectNode tree(CacheImport from) {
        return switch (from) {
            case CacheImport.Registry(ImageReference reference) ->
                JsonText.object().put("type", "registry").put("reference", reference.toString());
            case CacheImport.Mounts(ImageReference reference) ->
                JsonText.object().put("type", "mounts").put("reference", reference.toString());
        };
    }

    public static ObjectNode tree(CacheExport to) {
        return switch (to) {
            case CacheExport.Registry(ImageReference reference, Mode mode, Form form, boolean ignoreError) -> {
                ObjectNode json = JsonText.object().put("type", "registry").put("reference", reference.toString());
                json.put("mode", word(mode));
                if (form != Form.IMAGE) {
                    json.put("form", word(form));
                }
                yield ignoreError ? json.put("ignoreError", true) : json;
            }
            case CacheExport.Mounts(ImageReference reference, List<String> ids, boolean ignoreError) -> {
                ObjectNode json = JsonText.object().put("type", "mounts").put("reference", reference.toString());
                if (!ids.isEmpty()) {
                    ids.forEach(json.putArray("ids")::add);
                }
                yield ignoreError ? json.put("ignoreError", true) : json;
            }
            case CacheExport.Inline() -> JsonText.object().put("type", "inline");
        };
    }

    private static CacheImport readImport(JsonFields json) {
        return switch (json.string("type")) {
            case "registry" -> new CacheImport.Registry(json.parsed("reference", ImageReference::parse));
            case "mounts" -> new CacheImport.Mounts(json.parsed("reference", ImageReference::parse));
            default -> throw json.problem("type", "unknown kind of cache; known: registry, mounts");
        };
    }

    private static CacheExport readExport(JsonFields json) {
        return switch (json.string("type")) {
            case "registry" -> new CacheExport.Registry(json.parsed("reference", ImageReference::parse),
                    json.optionalParsed("mode", text -> choice(Mode.values(), text)).orElse(Mode.MIN),
                    json.optionalParsed("form", text -> choice(Form.values(), text)).orElse(Form.IMAGE),
                    json.bool("ignoreError", false));
            case "mounts" -> new CacheExport.Mounts(json.parsed("reference", ImageReference::parse),
                    json.list("ids", MAX_LIST, text -> text), json.bool("ignoreError", false));
            case "inline" -> new CacheExport.Inline();
            default -> throw json.problem("type", "unknown kind of cache; known: registry, mounts, inline");
        };
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> E choice(E[] values, String text) {
        for (E value : values) {
            if (word(value).equals(text)) {
                return value;
            }
        }
        throw new IllegalArgumentException("expected " + String.join(", ", List.of(values)
            .stream()
            .map(CacheJson::word)
            .toList()));
    }
}
