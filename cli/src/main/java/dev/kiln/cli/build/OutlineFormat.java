package dev.kiln.cli.build;

import java.util.List;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.dockerfile.outline.Outline;

/** Prints outlines as buildx does. */
public final class OutlineFormat {

    private OutlineFormat() {}

    public static String text(Outline outline) {
        StringBuilder out = new StringBuilder();
        if (outline.name().isPresent() || outline.description().isPresent()) {
            TextTable head = new TextTable(1).row("TARGET:", outline.name().orElse("(default)"));
            outline.description().ifPresent(text -> head.row("DESCRIPTION:", text));
            out.append(head).append('\n');
        }
        if (!outline.arguments().isEmpty()) {
            TextTable table = new TextTable(3).row("BUILD ARG", "VALUE", "DESCRIPTION");
            outline.arguments()
                .forEach(argument -> table.row(argument.name(), argument.value().orElse(""),
                        argument.description().orElse("")));
            out.append(table).append('\n');
        }
        append(out, "SECRET", outline.secrets());
        append(out, "SSH", outline.ssh());
        return out.toString();
    }

    private static void append(StringBuilder out, String kind, List<Outline.Access> accesses) {
        if (!accesses.isEmpty()) {
            TextTable table = new TextTable(3).row(kind, "REQUIRED");
            accesses.forEach(access -> table.row(access.id(), access.required() ? "true" : ""));
            out.append(table).append('\n');
        }
    }

    /** @param file that the outline is of, which the answer holds */
    public static String json(Outline outline, byte[] file) {
        ObjectNode json = ApiClient.newObject();
        outline.name().ifPresent(name -> json.put("name", name));
        outline.description().filter(text -> !text.isEmpty()).ifPresent(text -> json.put("description", text));
        if (!outline.arguments().isEmpty()) {
            ArrayNode list = json.putArray("args");
            for (Outline.Argument argument : outline.arguments()) {
                ObjectNode one = list.addObject().put("name", argument.name());
                argument.description().filter(text -> !text.isEmpty()).ifPresent(text -> one.put("description", text));
                argument.value().filter(text -> !text.isEmpty()).ifPresent(text -> one.put("value", text));
                one.set("location", AnswerJson.location(argument.range()));
            }
        }
        put(json, "secrets", outline.secrets());
        put(json, "ssh", outline.ssh());
        AnswerJson.putSource(json, file);
        return AnswerJson.write(json);
    }

    private static void put(ObjectNode json, String name, List<Outline.Access> accesses) {
        if (accesses.isEmpty()) {
            return;
        }
        ArrayNode list = json.putArray(name);
        for (Outline.Access access : accesses) {
            ObjectNode one = list.addObject().put("name", access.id());
            if (access.required()) {
                one.put("required", true);
            }
            one.set("location", AnswerJson.location(access.range()));
        }
    }
}
