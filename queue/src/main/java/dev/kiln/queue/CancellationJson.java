package dev.kiln.queue;

import dev.kiln.queue.Cancellations.Cancellation;
import dev.kiln.queue.job.BuildId;
import dev.kiln.queue.json.JsonException;
import dev.kiln.queue.json.JsonFields;
import dev.kiln.queue.json.JsonText;

/** The JSON form of {@link Cancellation}: {@code build} and {@code reason}. */
public final class CancellationJson {
    /** What a wish may take as JSON. */
    public static final int MAX_BYTES = 64 << 10;

    private CancellationJson() {}

    public static byte[] write(Cancellation wish) {
        return JsonText.write(JsonText.object().put("build", wish.build().value()).put("reason", wish.reason()));
    }

    /**
     * Reads a wish of at most {@link #MAX_BYTES}.
     *
     * @throws JsonException naming the field that is wrong
     */
    public static Cancellation read(byte[] json) {
        JsonFields fields = JsonText.read(json, MAX_BYTES);
        return new Cancellation(fields.parsed("build", BuildId::new), fields.string("reason"));
    }
}
