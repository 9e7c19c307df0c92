package dev.kiln.executor.graph;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Something that a step sees at a place of its file system and that does not become part of its layer.
 * {@code target} is absolute, clean and not {@code /}.
 */
public sealed interface StepMount {

    /**
     * A path of an input.
     *
     * @param input index among the vertex's inputs, from 1
     * @param source a file or directory from the root of the input, cleaned, without a leading slash; {@code .} is all
     * @param writable the step may write there; what it writes is thrown away
     */
    record Bind(int input, String source, String target, boolean writable) implements StepMount {}

    /**
     * A directory that is kept from build to build.
     *
     * @param id under which it is kept on the executor, the namespace included
     * @param input what a new cache starts with; absent for nothing
     * @param source a path inside the cache, as for {@link Bind}
     * @param root mode and owner of a new cache's root; absent for 0755 and 0:0
     * @param onlyOnSuccess what the step writes is thrown away when it fails; until it ends nobody else has the cache
     */
    record Cache(String id, Sharing sharing, OptionalInt input, String source, String target, boolean readOnly,
            Optional<Permissions> root, boolean onlyOnSuccess) implements StepMount {

        /** One that keeps what is written whatever becomes of the step. */
        public Cache(String id, Sharing sharing, OptionalInt input, String source, String target, boolean readOnly,
                Optional<Permissions> root) {
            this(id, sharing, input, source, target, readOnly, root, false);
        }
    }

    /** Who may use a cache at the same time. */
    enum Sharing {
        /** Everybody. */
        SHARED,
        /** One step; another that comes meanwhile gets a cache of its own. */
        PRIVATE,
        /** One step; another that comes meanwhile waits. */
        LOCKED
    }

    /**
     * An empty directory in memory.
     *
     * @param bytes what it may hold; absent means the kernel's default
     */
    record Tmpfs(String target, OptionalLong bytes) implements StepMount {}

    /**
     * A secret of the request, as a file, as a variable, or both.
     *
     * @param target absent when it is only a variable
     * @param env the variable's name
     * @param required a step whose secret is missing fails; otherwise there is no file and no variable
     */
    record Secret(String id, Optional<String> target, Optional<String> env, Permissions file, boolean required)
            implements
                StepMount {}

    /** The socket of an ssh agent that holds the request's keys of that id. {@code SSH_AUTH_SOCK} names the first one. */
    record Ssh(String id, String target, Permissions file, boolean required) implements StepMount {}

    /** A file that the Dockerfile holds: mode 0755, read-only. */
    record Inline(String target, String content) implements StepMount {}

    /** The permission bits and the owner of a file. */
    record Permissions(int mode, long uid, long gid) {}
}
