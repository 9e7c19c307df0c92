package dev.kiln.executor.mount;

import java.nio.file.Path;
import java.util.List;

/** How to make a directory show a file system. */
public sealed interface Mount {

    /** Shows the directory {@code source} itself. */
    record Bind(Path source, boolean readOnly) implements Mount {}

    /**
     * Shows layers over one another.
     *
     * @param lower topmost first, at least one
     * @param upper takes what is written; must be on the filesystem of {@code work}
     */
    record Overlay(List<Path> lower, Path upper, Path work) implements Mount {

        public Overlay {
            lower = List.copyOf(lower);
        }
    }

    /** Shows layers over one another, without writing. One layer alone is shown as it is. */
    record ReadOnlyOverlay(List<Path> lower) implements Mount {

        public ReadOnlyOverlay {
            lower = List.copyOf(lower);
        }
    }
}
