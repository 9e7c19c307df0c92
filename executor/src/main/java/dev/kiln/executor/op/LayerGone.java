package dev.kiln.executor.op;

import java.io.IOException;

/**
 * A layer of an earlier step that was promised and cannot be had. By the time that this is thrown nobody counts on it any more,
 * so another try of the build makes it again.
 */
public final class LayerGone extends IOException {

    public LayerGone(String message) {
        super(message);
    }

    public LayerGone(String message, IOException cause) {
        super(message, cause);
    }
}
