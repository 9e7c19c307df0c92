package dev.kiln.queue.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;

/**
 * Why a step ran: why no result that was known could be taken instead. Whatever is said of values are those that stand in
 * keys of the cache, so never a secret; long ones are clipped.
 */
public sealed interface CacheMiss {

    /** No earlier result of this step is known to the executor. */
    record First() implements CacheMiss {}

    /** It was to run although its result might be known. */
    record NotWanted(Wish wish) implements CacheMiss {}

    /** Who wants a step to run again. */
    enum Wish {
        /** The request, for the whole build or for the stage. */
        REQUEST,
        /** The comment above the instruction. */
        COMMENT
    }

    /**
     * Its result was known and too old.
     *
     * @param made when it was made
     * @param ttl how old it may be
     */
    record Expired(Instant made, Duration ttl) implements CacheMiss {}

    /**
     * Its result was known and is gone from the cache.
     *
     * @param made when it was made
     * @param what is gone, in words
     */
    record Removed(Instant made, String what) implements CacheMiss {}

    /** The cache could not be read. */
    record Unreadable(String message) implements CacheMiss {}

    /**
     * There are earlier results of this step, of something else; this compares with the one that differs least.
     *
     * @param made when that result was made
     * @param differences at least one
     * @param more how many further ones there are
     */
    record Changed(Instant made, List<Difference> differences, int more) implements CacheMiss {

        public Changed {
            differences = List.copyOf(differences);
            if (differences.isEmpty() || more < 0) {
                throw new IllegalArgumentException("what changed differs in something");
            }
        }
    }

    /** One part of what a step is made of, then and now. */
    sealed interface Difference {

        /**
         * Something that the instruction says, or that surrounds it.
         *
         * @param name of the argument, variable, mount or setting; empty for a command
         * @param before absent when there was none
         * @param after absent when there is none any more
         */
        record Setting(Kind kind, String name, Optional<String> before, Optional<String> after)
                implements
                    Difference {}

        /** What kind of thing a setting is. */
        enum Kind {
            /** What is executed. */
            COMMAND,
            /** An argument of the build. */
            ARGUMENT,
            /** An environment variable. */
            VARIABLE,
            /** A path that is copied. */
            SOURCE, MOUNT,
            /** The id of a secret. */
            SECRET,
            /** The id of an ssh agent. */
            SSH,
            /** Anything else, such as the user or the working directory. */
            OPTION
        }

        /** The image that it starts from, or takes files of. */
        record Base(String name, Optional<String> before, String after) implements Difference {}

        /**
         * One of the files that it takes.
         *
         * @param from the step whose files they are, as people read it
         * @param path from the root of those files
         * @param before and {@code after}: what changed, where that can be said in a few characters
         */
        record File(String from, String path, Change change, Optional<String> before, Optional<String> after)
                implements
                    Difference {}

        /** What became of a file. */
        enum Change {
            ADDED, REMOVED, CONTENT, MODE, OWNER, TYPE, TARGET, ATTRIBUTES
        }

        /**
         * A step that it builds on.
         *
         * @param name as people read it
         * @param vertex of this build
         */
        record Input(String name, Digest vertex, Outcome outcome) implements Difference {}

        /** What is known of an input. */
        enum Outcome {
            /** What it gave is not what it gave then. */
            OTHER_FILES,
            /** It ran in this build; whether it gave the same was not waited for. */
            MADE_ANEW,
            /** There was none at this place. */
            ADDED
        }
    }
}
