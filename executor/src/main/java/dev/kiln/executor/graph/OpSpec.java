package dev.kiln.executor.graph;

import java.util.List;
import java.util.Optional;

import dev.kiln.layercache.oci.Digest;
import dev.kiln.layercache.oci.ImageReference;

/**
 * What a vertex does, as data. Equal specs with equal inputs give the same result, so whatever does not change the
 * result stays out: names for people, limits, log settings.
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

    /** The uploaded context, as a tree that can be copied from; no inputs. */
    record Context(Digest archive, long size) implements OpSpec {}

    /**
     * A process over its input's files. Input 0 is the root.
     *
     * @param args the whole command line, the shell included
     * @param env {@code KEY=value}, in order
     * @param cwd absolute
     * @param user as written after USER, empty for root
     */
    record Run(List<String> args, List<String> env, String cwd, String user, Network network) implements OpSpec {

        public Run {
            args = List.copyOf(args);
            env = List.copyOf(env);
        }
    }

    /** What network a step gets; the executor says what {@code DEFAULT} is. */
    enum Network {
        DEFAULT, NONE, HOST, PRIVATE
    }

    /**
     * Copies paths of input 1 onto input 0.
     *
     * @param sources paths or patterns (Go's {@code filepath.Match}) from the root of input 1, cleaned, without a
     *        leading slash
     * @param destination absolute; a trailing slash means a directory
     * @param owner as written after {@code --chown}, looked up in input 0
     * @param resetOwner true for a context, whose files belong to 0:0 unless {@code owner} says otherwise
     */
    record Copy(List<String> sources, String destination, Optional<String> owner, boolean resetOwner)
            implements
                OpSpec {

        public Copy {
            sources = List.copyOf(sources);
        }
    }

    /**
     * Makes a directory and its parents on input 0 when missing: WORKDIR.
     *
     * @param path absolute, not {@code /}
     * @param owner as written after USER, looked up in input 0
     */
    record MakeDirectory(String path, Optional<String> owner) implements OpSpec {}
}
