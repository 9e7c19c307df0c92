package dev.kiln.queue;

import java.util.Locale;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.queue.BacklogEntry.Standing;
import dev.kiln.queue.job.JobJson;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** The JSON form of {@link BacklogEntry}: {@code job}, {@code standing}, {@code since} and, where there is one, {@code note}. */
public final class BacklogJson {
    /** What a note may have; the rest is left out. */
    public static final int MAX_NOTE = 4_000;
    /** What an entry may take as JSON. */
    public static final int MAX_BYTES = JobJson.MAX_BYTES + 32_000;

    private BacklogJson() {}

    public static byte[] write(BacklogEntry entry) {
        ObjectNode json = JsonText.object();
        json.set("job", JobJson.tree(entry.job()));
        json.put("standing", word(entry.standing())).put("since", entry.since().toString());
        entry.note().ifPresent(note -> json.put("note", note.substring(0, Math.min(note.length(), MAX_NOTE))));
        return JsonText.write(json);
    }

    /**
     * Reads an entry of at most {@link #MAX_BYTES}.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static BacklogEntry read(byte[] text) {
        JsonFields json = JsonText.read(text, MAX_BYTES);
        return json.build(() -> new BacklogEntry(JobJson.read(json.object("job")),
                json.parsed("standing", BacklogJson::standing), json.instant("since"),
                json.optionalString("note", MAX_NOTE)));
    }

    /** A standing as it stands in JSON: {@code handed-out}. */
    public static String word(Standing standing) {
        return standing.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Standing standing(String word) {
        for (Standing standing : Standing.values()) {
            if (word(standing).equals(word)) {
                return standing;
            }
        }
        throw new IllegalArgumentException("expected waiting, handed-out or dead");
    }
}
