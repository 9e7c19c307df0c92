package dev.kiln.queue.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import dev.kiln.layercache.oci.FarmRepositories;
import dev.kiln.layercache.oci.ImageReference;

/**
 * Refuses builds that would write where only the farm itself does. A build pushes to the farm's registry with the executor's
 * rights, so nothing else would stop it from putting something in the place of a step's result.
 */
public final class ReservedNames {
    /** Under which clients take a cache out of the farm again that they want in a folder. */
    private static final String CACHES_OF_CLIENTS = FarmRepositories.CONTEXTS + "/cache-";

    private ReservedNames() {}

    /**
     * What is wrong with where the build writes, in words for its user; empty when nothing is.
     *
     * @param isFarm whether a registry's host, as names have it, is the farm's own
     */
    public static Optional<String> problem(BuildRequest request, Predicate<String> isFarm) {
        return written(request).stream()
            .filter(name -> name.registry().filter(host -> !isFarm.test(host)).isEmpty())
            .filter(name -> FarmRepositories.isReserved(name.repository()))
            .findFirst()
            .map(name -> "cannot push to " + name + ": the repositories " + FarmRepositories.names()
                    + " of the farm's registry, and all below them, are the farm's own; choose another name");
    }

    private static List<ImageReference> written(BuildRequest request) {
        List<ImageReference> names = new ArrayList<>();
        for (Output output : request.output().all()) {
            if (output instanceof Output.Image image && image.push() != Output.Push.NO) {
                names.addAll(request.output().namesOf(image));
            }
        }
        for (CacheExport export : request.options().cache().to()) {
            switch (export) {
                case CacheExport.Registry registry -> {
                    if (!registry.reference().repository().startsWith(CACHES_OF_CLIENTS)) {
                        names.add(registry.reference());
                    }
                }
                case CacheExport.Mounts mounts -> names.add(mounts.reference());
                case CacheExport.Inline _ -> {
                    // stands in the image
                }
            }
        }
        return names;
    }
}
