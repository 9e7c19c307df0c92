package dev.kiln.executor.frontend;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * Bounds what a file makes the frontend do, to about 300 MB and a few seconds. Every step carries the variables it sees, every
 * stage the settings of the one it starts from, and a short word may expand to a long text, so a file of a few megabytes
 * could ask for any amount of both. For one build.
 */
final class RepetitionLimit {
    /** In units of about eight bytes. */
    private static final long MOST = 40_000_000;
    private static final int PER_COPY = 16;
    private static final int READ_PER_UNIT = 64;
    private long left = MOST;

    /** Things that stand in one more list. */
    void references(long things) {
        left -= things;
        if (left < 0) {
            throw new DockerfileException(Code.TOO_LARGE, "the steps and stages of the Dockerfile together repeat more"
                    + " variables, settings and text than is allowed; use fewer or shorter ones");
        }
    }

    /** Things that stand in one more map. */
    void copies(long things) {
        references(things * PER_COPY);
    }

    /** Text that was made. */
    void text(String text) {
        references(text.length() / 2);
    }

    /** Text that is there and has to be gone through once more. */
    void reading(long characters) {
        references(characters / READ_PER_UNIT);
    }
}
