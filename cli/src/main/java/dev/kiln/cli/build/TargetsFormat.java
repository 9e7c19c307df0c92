package dev.kiln.cli.build;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import dev.kiln.cli.client.ApiClient;
import dev.kiln.dockerfile.outline.Targets;

/** Prints the targets of a file as buildx does. */
public final class TargetsFormat {

    private TargetsFormat() {}

    public static String text(Targets targets) {
        TextTable table = new TextTable(1).row("TARGET", "DESCRIPTION");
        for (Targets.Target target : targets.targets()) {
            String name = target.name().orElse("");
            String shown = target.isDefault() ? (name + " (default)").strip() : name;
            table.row(shown, target.description().orElse(""));
        }
        return table.toString();
    }

    /** @param file that the targets are of, which the answer holds */
    public static String json(Targets targets, byte[] file) {
        ObjectNode json = ApiClient.newObject();
        ArrayNode list = json.putArray("targets");
        for (Targets.Target target : targets.targets()) {
            ObjectNode one = list.addObject();
            target.name().ifPresent(name -> one.put("name", name));
            if (target.isDefault()) {
                one.put("default", true);
            }
            target.description().filter(text -> !text.isEmpty()).ifPresent(text -> one.put("description", text));
            one.put("base", target.base());
            target.platform().ifPresent(platform -> one.put("platform", platform));
            one.set("location", AnswerJson.location(target.range()));
        }
        AnswerJson.putSource(json, file);
        return AnswerJson.write(json);
    }
}
