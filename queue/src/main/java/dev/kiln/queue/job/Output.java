package dev.kiln.queue.job;

import java.util.List;

import dev.kiln.layercache.oci.ImageReference;

import static dev.kiln.queue.job.Checks.check;

/** One thing that a build gives. */
public sealed interface Output {

    /** Where an image goes. */
    enum Push {
        /** It stays in the farm, as {@code builds/<id>}. */
        NO,
        /** To the registries that the names say, under them. */
        TAGS,
        /** To the registries that the names say, under nothing but its digest. */
        DIGEST
    }

    /**
     * An image, or an index of several.
     *
     * @param names what it is to be called, without digests; empty for the names of the build
     */
    record Image(List<ImageReference> names, Push push, ImageForm form) implements Output {
        private static final int MAX_NAMES = 256;

        public Image {
            names = List.copyOf(names);
            check(names.size() <= MAX_NAMES, "more than " + MAX_NAMES + " names of an image");
            for (ImageReference name : names) {
                check(name.digest().isEmpty(), Checks.shown(name.toString())
                        + " holds a digest, which a name for a new image cannot");
            }
        }
    }

    /**
     * The files of the image, as one layer of an image that stays in the farm: what a client makes a tar or a folder of.
     * With {@code SOURCE_DATE_EPOCH} that is the time of all of them.
     */
    record Files() implements Output {}
}
