package dev.kiln.executor.exporter;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import dev.kiln.layercache.oci.Platform;
import dev.kiln.queue.job.Annotation;
import dev.kiln.queue.job.ImageForm;

/** Those of a form that belong to one place. */
final class Annotations {

    private Annotations() {}

    /** What is said for the platform wins over what is said for all, and what is said later over what is said before. */
    static Map<String, String> of(ImageForm form, Annotation.On on, Optional<Platform> platform) {
        Map<String, String> found = new TreeMap<>();
        for (Annotation each : form.annotations()) {
            if (each.on() == on && each.platform().isEmpty()) {
                found.put(each.key(), each.value());
            }
        }
        for (Annotation each : form.annotations()) {
            if (each.on() == on && each.platform().isPresent() && platform.isPresent()
                    && each.platform().get().normalized().equals(platform.get().normalized())) {
                found.put(each.key(), each.value());
            }
        }
        return found;
    }
}
