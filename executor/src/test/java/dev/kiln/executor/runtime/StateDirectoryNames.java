package dev.kiln.executor.runtime;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import dev.kiln.layercache.oci.Digest;

/** The unique name of a state directory, without opening it. */
final class StateDirectoryNames {
    private StateDirectoryNames() {}

    static String of(Path real) {
        return Digest.sha256(real.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 12);
    }
}
