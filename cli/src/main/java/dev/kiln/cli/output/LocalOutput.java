package dev.kiln.cli.output;

import java.nio.file.Path;
import java.util.List;

import dev.kiln.layercache.oci.ImageReference;
import dev.kiln.queue.job.Output;

/**
 * One output of a build, as the farm is asked for it, and what this machine does with it.
 *
 * @param farm what the farm makes
 */
record LocalOutput(Output farm, Here here) {

    sealed interface Here {

        /** All is done by the farm. */
        record Nothing() implements Here {}

        /** One tar with the image. @param docker whether docker takes it too */
        record Archive(Destination to, boolean docker, List<ImageReference> names) implements Here {}

        /** A folder in the form of OCI's image-layout. */
        record Layout(Path folder, List<ImageReference> names) implements Here {}

        /** A tar of the files. */
        record FilesTar(Destination to) implements Here {}

        /** The files themselves. */
        record FilesFolder(Path folder) implements Here {}
    }

    /** Whether there is something to be done here when the build has ended. */
    boolean isAwaited() {
        return !(here instanceof Here.Nothing);
    }

    boolean isStandardOutput() {
        return switch (here) {
            case Here.Archive archive -> archive.to instanceof Destination.StandardOutput;
            case Here.FilesTar tar -> tar.to instanceof Destination.StandardOutput;
            case Here.Nothing _,Here.Layout _,Here.FilesFolder _ -> false;
        };
    }
}
