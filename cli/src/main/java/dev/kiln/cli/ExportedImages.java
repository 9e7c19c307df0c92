package dev.kiln.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import dev.kiln.cli.progress.Progress;
import dev.kiln.layercache.oci.Descriptor;
import dev.kiln.layercache.oci.Digest;
import dev.kiln.queue.event.BuildEvent;

/** What a build tells of its outputs while it is shown. For one thread. */
final class ExportedImages {
    private final Map<Integer, BuildEvent.Exported> all = new HashMap<>();

    /** An image that a build made. @param config absent for an index of several images */
    record Image(Descriptor descriptor, Optional<Digest> config) {}

    /** Shows what {@code progress} shows, and takes notes. */
    Progress over(Progress progress) {
        return new Progress() {
            @Override
            public void show(BuildEvent event, String json) {
                if (event instanceof BuildEvent.Started) {
                    all.clear();
                } else if (event instanceof BuildEvent.Exported exported) {
                    all.put(exported.output(), exported);
                }
                progress.show(event, json);
            }

            @Override
            public void close() {
                progress.close();
            }
        };
    }

    /** By the number of the output. */
    Map<Integer, BuildEvent.Exported> all() {
        return Map.copyOf(all);
    }

    /** @param known what else is known of it: the image of the build */
    Image of(int output, Descriptor known) {
        return Optional.ofNullable(all.get(output))
            .map(exported -> new Image(exported.image(), exported.config()))
            .orElse(new Image(known, Optional.empty()));
    }
}
