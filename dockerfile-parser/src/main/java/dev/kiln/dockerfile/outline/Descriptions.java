package dev.kiln.dockerfile.outline;

import java.util.Optional;

import dev.kiln.dockerfile.stage.Stage;

/** What comments say. */
final class Descriptions {

    private Descriptions() {}

    /** The rest of the first comment line right above the stage that begins with its name. */
    static Optional<String> of(Stage stage) {
        return stage.name()
            .flatMap(name -> stage.from()
                .origin()
                .comments()
                .stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst());
    }
}
