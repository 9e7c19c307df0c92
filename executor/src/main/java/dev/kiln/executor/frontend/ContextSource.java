package dev.kiln.executor.frontend;

import dev.kiln.executor.graph.OpSpec;

/** A context that has been looked up: what exactly gives its files. */
public sealed interface ContextSource {

    /** The root of what a source op gives: an uploaded tar, a commit, or one downloaded file. */
    record Files(OpSpec op) implements ContextSource {}

    /** What is in a downloaded archive. */
    record Archive(OpSpec.Http file) implements ContextSource {}

    /** No files. */
    record Nothing() implements ContextSource {}
}
