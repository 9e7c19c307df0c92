package dev.kiln.executor.graph;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

/**
 * What a vertex does, as data. Equal specs with equal inputs give the same result, so whatever does not change the
 * result stays out: names for people, limits, log settings, the values of secrets, the addresses of added hosts.
 */
public sealed interface OpSpec {

    /**
     * The files of a base image; no inputs.
     *
     * @param reference always with the digest of the image's manifest for one platform
     * @param layers the diffIDs of the image, base first
     */
    record Image(ImageReference reference, List<Digest> layers) implements OpSpec {

        public Image {
            layers = List.copyOf(layers);
            if (reference.digest().isEmpty()) {
                throw new IllegalArgumentException("the base image " + reference + " is not resolved to a digest");
            }
        }
    }

    /** The empty file system; no inputs. */
    record Scratch() implements OpSpec {}

    /** An uploaded context, as a tree that can be copied from; no inputs. */
    record Context(Digest archive, long size) implements OpSpec {}

    /**
     * The files of a commit; no inputs. They are 0:0, with modes 0644 and 0755.
     *
     * @param remote as git takes it; without credentials
     * @param ref what is fetched: a branch, tag or full ref, or the commit itself; empty for the default branch
     * @param commit the full hash that {@code ref} meant when it was looked up
     * @param subdirectory whose files are the root; empty for all
     * @param keepGitDirectory whether {@code .git} is among the files
     * @param commitTimes whether files get the time of the commit rather than that of the checkout
     */
    record Git(String remote, String ref, String commit, String subdirectory, boolean keepGitDirectory,
            boolean submodules, boolean commitTimes) implements OpSpec {}

    /**
     * One downloaded file in the root of an otherwise empty tree: mode 0600, owner 0:0; no inputs.
     *
     * @param content of the file, which the lookup has put into the content store
     * @param name without slashes
     * @param modified what the server said; absent means 1970-01-01
     */
    record Http(URI address, Digest content, long size, String name, Optional<Instant> modified) implements OpSpec {}

    /**
     * A process over its input's files. Input 0 is the root; the mounts say what further inputs are for.
     *
     * @param args the whole command line, the shell included
     * @param env {@code KEY=value}, in order
     * @param cwd absolute
     * @param user as written after USER, empty for root
     */
    record Run(List<String> args, List<String> env, String cwd, String user, Sandbox sandbox, List<StepMount> mounts)
            implements
                OpSpec {

        public Run {
            args = List.copyOf(args);
            env = List.copyOf(env);
            mounts = List.copyOf(mounts);
        }

        /** In the usual sandbox, with nothing mounted. */
        public Run(List<String> args, List<String> env, String cwd, String user, Network network) {
            this(args, env, cwd, user, Sandbox.of(network), List.of());
        }
    }

    /** What network a step gets; the executor says what {@code DEFAULT} is. */
    enum Network {
        DEFAULT, NONE, HOST, PRIVATE
    }

    /**
     * Puts files onto input 0: COPY and ADD. The items are taken in order and say which further inputs they are from.
     *
     * @param destination absolute; a trailing slash means a directory
     * @param owner as written after {@code --chown}, looked up in the last input when {@code ownersFromLast}, else in
     *        input 0
     * @param mode as written after {@code --chmod}: octal, or symbolic such as {@code u=rwX,go=rX}; valid
     * @param excludes patterns of {@code --exclude}, relative to the root of each source
     * @param linked true when the files go over nothing and the result over whatever the stage has: then the mode is not
     *        given to directories on the way, which may stand below with their own
     * @param ownersFromLast true for a linked copy that looks names up in the stage that it does not otherwise need
     */
    record Copy(List<CopyItem> items, String destination, Optional<String> owner, Optional<String> mode,
            List<String> excludes, boolean linked, boolean ownersFromLast) implements OpSpec {

        public Copy {
            items = List.copyOf(items);
            excludes = List.copyOf(excludes);
        }

        /** Onto the files of input 0. */
        public Copy(List<CopyItem> items, String destination, Optional<String> owner, Optional<String> mode,
                List<String> excludes, boolean ownersFromLast) {
            this(items, destination, owner, mode, excludes, false, ownersFromLast);
        }

        /**
         * Paths or patterns of input 1 as they are.
         *
         * @param sources from the root of input 1, cleaned, without a leading slash
         */
        public Copy(List<String> sources, String destination, Optional<String> owner) {
            this(sources.stream().<CopyItem>map(source -> CopyItem.Paths.of(1, source)).toList(),
                    destination, owner, Optional.empty(), List.of(), false);
        }
    }

    /** The layers of input 1 on top of those of input 0: what a linked COPY made, over any base. */
    record Merge() implements OpSpec {}

    /**
     * Makes a directory and its parents on input 0 when missing: WORKDIR.
     *
     * @param path absolute, not {@code /}
     * @param owner as written after USER, looked up in input 0
     * @param modified the time that what is made gets; absent means now
     */
    record MakeDirectory(String path, Optional<String> owner, Optional<Instant> modified) implements OpSpec {

        public MakeDirectory(String path, Optional<String> owner) {
            this(path, owner, Optional.empty());
        }
    }
}
