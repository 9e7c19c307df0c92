package dev.kiln.cli.output;

import java.nio.file.Path;

/** Where the bytes of an archive go. */
sealed interface Destination {

    record File(Path path) implements Destination {}

    record StandardOutput() implements Destination {}

    /** Into the images of the docker that is on this machine. */
    record Docker() implements Destination {}
}
