package dev.kiln.queue.upkeep;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;
import dev.kiln.queue.upkeep.UpkeepMessage.Answer;
import dev.kiln.queue.upkeep.UpkeepMessage.Presence;
import dev.kiln.queue.upkeep.UpkeepMessage.Question;

/** The JSON form of messages: {@code type} is {@code presence}, {@code question} or {@code answer}. */
public final class UpkeepJson {
    /** What a message may take as JSON. */
    public static final int MAX_BYTES = 2 << 20;

    private UpkeepJson() {}

    public static byte[] write(UpkeepMessage message) {
        ObjectNode json = JsonText.object();
        switch (message) {
            case Presence presence -> {
                json.put("type", "presence")
                    .put("executor", presence.executor())
                    .put("at", presence.at().toString())
                    .put("leaving", presence.leaving())
                    .put("slots", presence.slots());
                texts(json, "platforms", presence.platforms());
            }
            case Question question -> {
                json.put("type", "question").put("id", question.id());
                json.set("wish", wish(question.wish()));
            }
            case Answer answer -> {
                json.put("type", "answer")
                    .put("question", answer.question())
                    .put("executor", answer.executor())
                    .put("last", answer.last());
                ArrayNode records = json.putArray("records");
                answer.records().forEach(record -> records.add(record(record)));
                texts(json, "problems", answer.problems());
            }
        }
        return JsonText.write(json);
    }

    private static ObjectNode wish(Wish wish) {
        return switch (wish) {
            case Wish.Usage _ -> JsonText.object().put("type", "usage");
            case Wish.Prune prune -> {
                ObjectNode json = JsonText.object().put("type", "prune");
                texts(json, "kinds", prune.kinds().stream().sorted().toList());
                texts(json, "ids", prune.ids().stream().sorted().toList());
                yield json.put("keepSeconds", prune.keep().toSeconds())
                    .put("reserved", prune.space().reserved())
                    .put("maxUsed", prune.space().maxUsed())
                    .put("minFree", prune.space().minFree())
                    .put("all", prune.all());
            }
        };
    }

    /** A record as a tree, to stand inside another document. */
    public static ObjectNode record(UsageRecord record) {
        return JsonText.object()
            .put("kind", record.kind())
            .put("id", record.id())
            .put("bytes", record.bytes())
            .put("created", record.created().toString())
            .put("lastUsed", record.lastUsed().toString())
            .put("inUse", record.inUse())
            .put("description", record.description());
    }

    private static void texts(ObjectNode json, String name, Collection<String> texts) {
        ArrayNode array = json.putArray(name);
        texts.forEach(array::add);
    }

    /**
     * Reads a message of at most {@link #MAX_BYTES}.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static UpkeepMessage read(byte[] text) {
        JsonFields json = JsonText.read(text, MAX_BYTES);
        return switch (json.string("type")) {
            case "presence" -> json.build(() -> new Presence(json.string("executor"), json.instant("at"),
                    json.bool("leaving", false), json.integer("slots"),
                    json.list("platforms", Presence.MAX_PLATFORMS, word -> word)));
            case "question" -> new Question(json.string("id"), wish(json.object("wish")));
            case "answer" -> json.build(() -> new Answer(json.string("question"), json.string("executor"),
                    json.bool("last", false), json.objects("records", Answer.MAX_RECORDS, UpkeepJson::record),
                    json.list("problems", Answer.MAX_PROBLEMS, problem -> problem)));
            default -> throw json.problem("type", "there is no such message");
        };
    }

    private static Wish wish(JsonFields json) {
        return switch (json.string("type")) {
            case "usage" -> new Wish.Usage();
            case "prune" -> json.build(() -> new Wish.Prune(texts(json, "kinds"), texts(json, "ids"),
                    Duration.ofSeconds(json.number("keepSeconds")), new Wish.Space(json.number("reserved"),
                            json.number("maxUsed"), json.number("minFree")),
                    json.bool("all", false)));
            default -> throw json.problem("type", "there is no such wish");
        };
    }

    private static Set<String> texts(JsonFields json, String name) {
        List<String> texts = json.list(name, Wish.Prune.MAX_NAMES, text -> text);
        return Set.copyOf(texts);
    }

    private static UsageRecord record(JsonFields json) {
        return new UsageRecord(json.string("kind"), json.string("id"), json.number("bytes"), json.instant("created"),
                json.instant("lastUsed"), json.bool("inUse", false), json.string("description"));
    }
}
