package dev.kiln.executor.graph;

import java.util.Optional;

/** One source of a COPY or ADD. */
public sealed interface CopyItem {

    /**
     * Paths of an input.
     *
     * @param input index among the vertex's inputs, from 1
     * @param path from the root of the input, cleaned, without a leading slash; {@code .} is all of it. A directory gives
     *        its contents
     * @param wildcards whether {@code path} is a pattern of Go's {@code filepath.Match}; one without wildcards must be
     *        there, one with them may match nothing. False for what git and HTTP gave: then {@code path} is a name, and a
     *        directory becomes the destination, with its mode and owner, when that is missing
     * @param below with {@code --parents}: a pattern below {@code path}, which may hold {@code **}; what it matches keeps
     *        its path below {@code path}. One without wildcards must be there
     * @param unpack whether a file that is an archive by its content is unpacked instead
     */
    record Paths(int input, String path, boolean wildcards, Optional<String> below, boolean unpack)
            implements
                CopyItem {

        /** A plain COPY. */
        public static Paths of(int input, String path) {
            return new Paths(input, path, true, Optional.empty(), false);
        }
    }

    /**
     * A here-document as a file: mode 0644, owner 0:0, time of the step.
     *
     * @param name without slashes
     */
    record Inline(String name, String content) implements CopyItem {}
}
