package dev.kiln.queue.job;

import java.util.Optional;

import tools.jackson.databind.node.ObjectNode;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** The JSON form of {@link Job}: {@code request}, and {@code secrets} with {@code digest} and {@code size}. */
public final class JobJson {
    /** What a job may take as JSON. */
    public static final int MAX_BYTES = RequestJson.MAX_BYTES + 1024;

    private JobJson() {}

    public static byte[] write(Job job) {
        return JsonText.write(tree(job));
    }

    /** The job as a tree, to stand inside another document. */
    public static ObjectNode tree(Job job) {
        ObjectNode json = JsonText.object();
        json.set("request", RequestJson.tree(job.request()));
        job.secrets()
            .ifPresent(sealed -> json.putObject("secrets")
                .put("digest", sealed.digest().toString())
                .put("size", sealed.size()));
        return json;
    }

    /**
     * Reads a job of at most {@link #MAX_BYTES}.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static Job read(byte[] bytes) {
        return read(JsonText.read(bytes, MAX_BYTES));
    }

    /** Reads a job that stands inside another document. */
    public static Job read(JsonFields json) {
        Optional<SealedSecrets> sealed = json.optionalObject("secrets")
            .map(s -> s.build(() -> new SealedSecrets(s.parsed("digest", Digest::parse), s.number("size"))));
        return json.build(() -> new Job(RequestJson.read(json.object("request")), sealed));
    }
}
