package dev.kiln.dockerfile.lint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What of a base image's configuration bears on the check of the stages built on it.
 *
 * @param environment in order
 * @param shell whether it sets a shell for shell-form commands
 * @param platform what it was pulled for, {@code os/architecture[/variant]}; empty if that is as wanted or not known
 * @param triggers the instructions that it leaves for builds, in order
 */
public record BaseImage(Map<String, String> environment, boolean shell, Optional<String> platform,
        List<String> triggers) {

    public BaseImage {
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        triggers = List.copyOf(triggers);
    }

    /** An image of which nothing but the environment matters. */
    public static BaseImage withEnvironment(Map<String, String> environment) {
        return new BaseImage(environment, false, Optional.empty(), List.of());
    }
}
