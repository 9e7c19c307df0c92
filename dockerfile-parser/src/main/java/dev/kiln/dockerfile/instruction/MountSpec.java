package dev.kiln.dockerfile.instruction;

import java.util.Optional;

/**
 * What a {@code --mount} means once its variables are replaced.
 *
 * <p>
 * A target is as written: relative ones are below the working directory. Where a type leaves an option without effect, as
 * {@code id} for a bind, it is not here.
 */
public sealed interface MountSpec {

    /**
     * Files of the context, a stage or an image. Writes, where allowed, are lost.
     *
     * @param from empty for the context
     * @param source empty for the root
     */
    record Bind(Optional<String> from, String source, String target, boolean readOnly) implements MountSpec {}

    /**
     * A directory that outlives the build.
     *
     * @param from what the directory holds at first; empty for nothing
     * @param source the place in {@code from}, empty for the root
     * @param id which directory it is; by default the target, cleaned
     * @param permissions of a directory that starts empty; they do not apply with a source
     */
    record Cache(Optional<String> from, String source, String target, boolean readOnly, String id, Sharing sharing,
            Permissions permissions) implements MountSpec {}

    /**
     * A directory in memory.
     *
     * @param size in bytes; 0 for no limit
     */
    record Tmpfs(String target, boolean readOnly, long size) implements MountSpec {}

    /**
     * A secret of the build request as a file, as a variable, or as both.
     *
     * @param target empty if there is only the variable
     * @param variable what {@code env} says; may be the empty string, as written
     * @param required whether a missing secret fails the step, rather than leaving out file and variable
     */
    record Secret(String id, Optional<String> target, Optional<String> variable, boolean required,
            Permissions permissions) implements MountSpec {}

    /**
     * A socket to an agent of the build request.
     *
     * @param id {@code default} if not said
     * @param target empty for one that the executor chooses
     */
    record Ssh(String id, Optional<String> target, boolean required, Permissions permissions) implements MountSpec {}

    /** Who else may use a cache at the same time. */
    enum Sharing {
        /** Everybody. */
        SHARED,
        /** Nobody: a second step gets a directory of its own. */
        PRIVATE,
        /** Nobody: a second step waits. */
        LOCKED
    }

    /** Mode and owner as far as said; the ids are those of Linux, from 0 to 4294967295. */
    record Permissions(Optional<Integer> mode, Optional<Long> uid, Optional<Long> gid) {

        public static final Permissions NONE = new Permissions(Optional.empty(), Optional.empty(), Optional.empty());
    }
}
