package dev.kiln.executor.frontend;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * Refuses what a translator does not handle, although the parser reads it. It keeps a translator from ignoring something.
 */
final class Unsupported {

    private Unsupported() {}

    static DockerfileException of(String what) {
        return new DockerfileException(Code.UNSUPPORTED, what + " is not supported yet");
    }
}
