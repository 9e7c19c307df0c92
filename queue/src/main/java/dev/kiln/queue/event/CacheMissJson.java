package dev.kiln.queue.event;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.CacheMiss.Difference;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** Why a step ran, as an object: the field {@code type} says which, all others are named like the record's components. */
public final class CacheMissJson {
    private static final int MAX_DIFFERENCES = 1000;

    private CacheMissJson() {}

    /** As it stands in an event and in the API's answers. */
    public static ObjectNode tree(CacheMiss miss) {
        ObjectNode json = JsonText.object();
        switch (miss) {
            case CacheMiss.First _ -> json.put("type", "first");
            case CacheMiss.NotWanted(var wish) -> json.put("type", "not-wanted").put("wish", word(wish));
            case CacheMiss.Expired(var made, var ttl) -> json.put("type", "expired")
                .put("made", made.toString())
                .put("ttlSeconds", ttl.toSeconds());
            case CacheMiss.Removed(var made, var what) -> json.put("type", "removed")
                .put("made", made.toString())
                .put("what", what);
            case CacheMiss.Unreadable(var message) -> json.put("type", "unreadable").put("message", message);
            case CacheMiss.Changed(var made, var differences, var more) -> {
                json.put("type", "changed").put("made", made.toString());
                ArrayNode list = json.putArray("differences");
                differences.forEach(difference -> write(difference, list.addObject()));
                if (more > 0) {
                    json.put("more", more);
                }
            }
        }
        return json;
    }

    private static void write(Difference difference, ObjectNode json) {
        switch (difference) {
            case Difference.Setting(var kind, var name, var before, var after) -> {
                json.put("type", "setting").put("kind", word(kind)).put("name", name);
                values(before, after, json);
            }
            case Difference.Base(var name, var before, var after) -> {
                json.put("type", "base").put("name", name);
                values(before, Optional.of(after), json);
            }
            case Difference.File(var from, var path, var change, var before, var after) -> {
                json.put("type", "file").put("from", from).put("path", path).put("change", word(change));
                values(before, after, json);
            }
            case Difference.Input(var name, var vertex, var outcome) -> json.put("type", "input")
                .put("name", name)
                .put("vertex", vertex.toString())
                .put("outcome", word(outcome));
        }
    }

    private static void values(Optional<String> before, Optional<String> after, ObjectNode json) {
        before.ifPresent(value -> json.put("before", value));
        after.ifPresent(value -> json.put("after", value));
    }

    /** Empty when it is of a kind that only a newer version knows. */
    public static Optional<CacheMiss> read(JsonFields json) {
        return json.build(() -> switch (json.string("type")) {
            case "first" -> Optional.of(new CacheMiss.First());
            case "not-wanted" -> word(json, "wish", CacheMiss.Wish.class).map(CacheMiss.NotWanted::new);
            case "expired" ->
                Optional.of(new CacheMiss.Expired(made(json), Duration.ofSeconds(json.number("ttlSeconds"))));
            case "removed" -> Optional.of(new CacheMiss.Removed(made(json), json.string("what")));
            case "unreadable" -> Optional.of(new CacheMiss.Unreadable(json.string("message")));
            case "changed" -> changed(json);
            default -> Optional.empty();
        });
    }

    /** Differences of a kind that only a newer version knows count among those that are not shown. */
    private static Optional<CacheMiss> changed(JsonFields json) {
        List<Optional<Difference>> all = json.objects("differences", MAX_DIFFERENCES, CacheMissJson::difference);
        List<Difference> known = all.stream().flatMap(Optional::stream).toList();
        return known.isEmpty() && !all.isEmpty()
                ? Optional.empty()
                : Optional.of(new CacheMiss.Changed(made(json), known,
                        json.optionalInteger("more").orElse(0) + all.size() - known.size()));
    }

    private static Optional<Difference> difference(JsonFields json) {
        return json.build(() -> switch (json.string("type")) {
            case "setting" -> word(json, "kind", Difference.Kind.class).map(kind -> new Difference.Setting(kind,
                    json.string("name"), json.optionalString("before"), json.optionalString("after")));
            case "base" -> Optional.of(new Difference.Base(json.string("name"), json.optionalString("before"),
                    json.string("after")));
            case "file" -> word(json, "change", Difference.Change.class)
                .map(change -> new Difference.File(json.string("from"), json.string("path"), change,
                        json.optionalString("before"), json.optionalString("after")));
            case "input" -> word(json, "outcome", Difference.Outcome.class)
                .map(outcome -> new Difference.Input(json.string("name"), json.parsed("vertex", Digest::parse),
                        outcome));
            default -> Optional.empty();
        });
    }

    private static Instant made(JsonFields json) {
        return json.instant("made");
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Empty for a word that only a newer version knows. */
    private static <E extends Enum<E>> Optional<E> word(JsonFields json, String name, Class<E> type) {
        String word = json.string(name);
        return Arrays.stream(type.getEnumConstants()).filter(value -> word(value).equals(word)).findFirst();
    }
}
