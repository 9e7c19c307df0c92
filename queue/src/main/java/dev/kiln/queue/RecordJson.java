package dev.kiln.queue;

import java.util.Optional;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.BuildRecords.BuildRecord;
import dev.kiln.queue.event.BuildEvent;
import dev.kiln.queue.event.EventJson;
import dev.kiln.queue.job.RequestJson;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/**
 * The JSON form of {@link BuildRecord}: {@code request}, {@code firstPosition}, and {@code started} and {@code outcome}
 * as events, when they are there.
 */
public final class RecordJson {
    /** What a record may take as JSON: a request and two events. */
    public static final int MAX_BYTES = RequestJson.MAX_BYTES + 2 * EventJson.MAX_BYTES;

    private RecordJson() {}

    public static byte[] write(BuildRecord record) {
        return JsonText.write(tree(record));
    }

    /** The record as a tree, to stand inside another document. */
    public static ObjectNode tree(BuildRecord record) {
        ObjectNode json = JsonText.object();
        json.set("request", RequestJson.tree(record.request()));
        json.put("firstPosition", record.firstPosition());
        record.started().ifPresent(started -> json.set("started", EventJson.tree(started)));
        record.outcome().ifPresent(outcome -> json.set("outcome", EventJson.tree(outcome)));
        return json;
    }

    /**
     * Reads a record of at most {@link #MAX_BYTES}.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static BuildRecord read(byte[] json) {
        return read(JsonText.read(json, MAX_BYTES));
    }

    /** Reads a record that stands inside another document. */
    public static BuildRecord read(JsonFields json) {
        return new BuildRecord(RequestJson.read(json.object("request")), json.number("firstPosition"),
                event(json, "started", BuildEvent.Started.class), event(json, "outcome", BuildEvent.Final.class));
    }

    private static <E extends BuildEvent> Optional<E> event(JsonFields json, String name, Class<E> kind) {
        Optional<BuildEvent> event = json.optionalObject(name).flatMap(EventJson::read);
        event.filter(e -> !kind.isInstance(e))
            .ifPresent(e -> {
                throw json.problem(name, "unexpected kind of event");
            });
        return event.map(kind::cast);
    }
}
