package dev.kiln.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.event.CacheMiss;
import dev.kiln.queue.event.CacheMissJson;
import dev.kiln.queue.event.CacheMissText;
import dev.kiln.queue.json.JsonFields;

/** What the API says of the steps of a build, as people read it. */
final class WhyText {
    private static final String INDENT = " ".repeat(8);

    private WhyText() {}

    static List<String> lines(JsonNode why) {
        List<String> lines = new ArrayList<>();
        for (JsonNode step : why.path("steps")) {
            lines.add(String.format(Locale.ROOT, "%-7s %s", word(step.path("state").asString("")),
                    step.path("name").asString("")));
            if (step.path("miss") instanceof ObjectNode miss) {
                reason(JsonFields.of(miss)).forEach(line -> lines.add(INDENT + line));
            }
        }
        return lines;
    }

    private static String word(String state) {
        return state.equals("done") ? "RAN" : state.toUpperCase(Locale.ROOT);
    }

    private static List<String> reason(JsonFields json) {
        Optional<CacheMiss> miss = CacheMissJson.read(json);
        if (miss.isEmpty()) {
            return List.of("for a reason that this version of kiln does not know");
        }
        List<String> lines = new ArrayList<>();
        if (miss.get() instanceof CacheMiss.Changed changed) {
            lines.add("differs from its result of " + CacheMissText.second(changed.made()) + ":");
            CacheMissText.lines(changed).forEach(line -> lines.add("  " + line));
        } else {
            lines.addAll(CacheMissText.lines(miss.get()));
        }
        return lines;
    }
}
