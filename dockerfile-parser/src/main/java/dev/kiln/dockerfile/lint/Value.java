package dev.kiln.dockerfile.lint;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a word of a stage expands to.
 *
 * @param text empty if there is none: a build argument without a value, or a failure that may not be one in a build
 * @param certain whether a build is known to see the same
 */
record Value(Optional<String> text, boolean certain) {

    void ifCertain(Consumer<String> action) {
        if (certain) {
            text.ifPresent(action);
        }
    }
}
