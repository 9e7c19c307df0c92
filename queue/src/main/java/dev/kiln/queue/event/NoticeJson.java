package dev.kiln.queue.event;

import java.util.function.Function;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.json.JsonFields;

/** Notices as fields of the event that carries them. */
final class NoticeJson {
    private static final int MAX_DETAILS = 1000;
    private static final int MAX_RANGES = 1000;

    private NoticeJson() {}

    static void write(Notice notice, ObjectNode json) {
        notice.rule().ifPresent(rule -> json.put("rule", rule));
        json.put("message", notice.message());
        notice.url().ifPresent(url -> json.put("url", url));
        if (!notice.detail().isEmpty()) {
            ArrayNode detail = json.putArray("detail");
            notice.detail().forEach(detail::add);
        }
        if (!notice.lines().isEmpty()) {
            ArrayNode lines = json.putArray("lines");
            notice.lines().forEach(range -> lines.addObject().put("first", range.first()).put("last", range.last()));
        }
    }

    static Notice read(JsonFields json) {
        return new Notice(json.optionalString("rule"), json.string("message"), json.optionalString("url"),
                json.list("detail", MAX_DETAILS, Function.identity()),
                json.objects("lines", MAX_RANGES, NoticeJson::lines));
    }

    private static Notice.Lines lines(JsonFields json) {
        return json.build(() -> new Notice.Lines(json.integer("first"), json.integer("last")));
    }
}
